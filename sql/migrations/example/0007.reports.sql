-- depends: 0005.events
-- depends: 0006.knowledge

create view open_ticket with (security_invoker = true) as
select
    t.id,
    t.number,
    t.subject,
    t.status,
    t.priority_id,
    p.name as priority,
    t.queue_id,
    q.name as queue,
    t.assignee_id,
    k.full_name as contact,
    c.id as customer_id,
    c.name as customer,
    c.tier,
    t.first_response_at,
    t.created_at
from ticket as t
join priority as p on p.id = t.priority_id
join queue as q on q.id = t.queue_id
join contact as k on k.id = t.contact_id
join customer as c on c.id = k.customer_id
where t.status in ('new', 'open', 'pending', 'on hold');
comment on view open_ticket is 'What is still to be done, with the names a person wants to read.';

create function sla_due(tier customer_tier, priority_id smallint, since timestamptz, clock sla_clock)
returns timestamptz
language sql stable
begin atomic
    select sla_due.since + case when sla_due.clock = 'resolution' then s.resolution else s.first_response end
    from sla_policy as s
    where s.tier = sla_due.tier and s.priority_id = sla_due.priority_id;
end;
comment on function sla_due(customer_tier, smallint, timestamptz, sla_clock)
is 'When a promise falls due; null where nothing is promised.';

create view sla_at_risk as
select
    o.id,
    o.number,
    o.queue,
    o.customer,
    k.clock,
    d.due_at
from open_ticket as o
cross join unnest(enum_range(null::sla_clock)) as k (clock)
cross join lateral sla_due(o.tier, o.priority_id, o.created_at, k.clock) as d (due_at)
where (k.clock = 'resolution' or o.first_response_at is null) and d.due_at is not null;
comment on view sla_at_risk is 'The clocks that are running.';

create view queue_load as
select
    q.id,
    q.name,
    t.name as team,
    count(o.id) as open_tickets,
    count(o.id) filter (where o.assignee_id is null) as unassigned,
    count(o.id) filter (where o.priority_id = 1) as urgent,
    min(o.created_at) as oldest
from queue as q
left join team as t on t.id = q.team_id
left join open_ticket as o on o.queue_id = q.id
where not q.archived
group by q.id, q.name, t.name;
comment on view queue_load is 'One row a queue.';

create view agent_workload as
select
    a.id,
    a.full_name,
    w.open_tickets,
    w.oldest,
    coalesce(e.minutes, 0) as minutes_this_week
from agent as a
cross join lateral (
    select count(*) as open_tickets, min(o.created_at) as oldest
    from open_ticket as o
    where o.assignee_id = a.id
) as w
left join lateral (
    select sum(t.minutes) as minutes
    from time_entry as t
    where t.agent_id = a.id and t.during && tstzrange(date_trunc('week', now()), null)
) as e on true
where a.active;
comment on view agent_workload is 'One row an active agent.';

create view agent_chain as
with recursive chain as (
    select a.id, a.full_name, a.manager_id, 1 as depth, array[a.full_name] as path
    from agent as a
    where a.manager_id is null
    union all
    select a.id, a.full_name, a.manager_id, c.depth + 1, c.path || a.full_name
    from agent as a
    join chain as c on c.id = a.manager_id
)
select id, full_name, manager_id, depth, path
from chain;
comment on view agent_chain is 'Who reports to whom, from the top.';

create view active_customer as
select id, reference, name, tier, domains
from customer
where tier <> 'free'
with local check option;
comment on view active_customer is 'Paying customers; rows may be changed through it, but not out of it.';

create materialized view ticket_daily as
select
    (t.created_at at time zone 'UTC')::date as day,
    t.queue_id,
    count(*) as opened,
    count(t.solved_at) as solved,
    percentile_cont(0.5) within group (order by extract(epoch from t.first_response_at - t.created_at))
        as median_response_seconds,
    avg(r.score)::numeric(3, 2) as score
from ticket as t
left join satisfaction_rating as r on r.ticket_id = t.id
group by 1, 2;
comment on materialized view ticket_daily is 'For the charts; refreshed by the application, concurrently.';
create unique index ticket_daily_key on ticket_daily (day, queue_id);

create function ticket_find(terms text, max_rows integer default 20) returns setof open_ticket
language sql stable
begin atomic
    select o.*
    from open_ticket as o
    join ticket as t on t.id = o.id
    where t.search @@ websearch_to_tsquery('english', ticket_find.terms)
    order by ts_rank(t.search, websearch_to_tsquery('english', ticket_find.terms)) desc, o.id
    limit ticket_find.max_rows;
end;
comment on function ticket_find(text, integer) is 'Open tickets that hold the terms, best first.';

create statistics ticket_routing (ndistinct, dependencies, mcv) on status, queue_id, priority_id from ticket;
create statistics contact_domain on (split_part(email, '@', 2)) from contact;
