-- Rows for one tenant of the help desk (sql/migrations/example): a few hundred, different for each seed and
-- the same for the same seed, but for what triggers take from the clock. Plain SQL for any client.
-- Run it in the tenant's schema, as its own runtime role, in one transaction:
--
--     set local helpdesk.seed = 'acme';      -- required: whose rows these are
--     set local helpdesk.tickets = '60';     -- how many tickets; agents, customers and messages follow

insert into agent (id, team_id, full_name, email, languages, created_at)
select
    md5(s.seed || ':agent:' || i)::uuid,
    (select t.id from team as t where t.name = case when i % 4 = 0 then 'Billing' else 'Support' end),
    (array['Ada', 'Björn', 'Chidi', 'Dolores', 'Emre', 'Fatima', 'Grace', 'Hana'])[i] || ' '
    || (array['Quintero', 'Okafor', 'Lindqvist', 'Ferreira', 'Yamada', 'O''Neill'])[1 + (h + i) % 6],
    (array['ada', 'bjorn', 'chidi', 'dolores', 'emre', 'fatima', 'grace', 'hana'])[i]
    || '@' || s.seed || '.example',
    case when i % 3 = 0 then '{en,es}' else '{en}' end::text[],
    timestamptz '2025-03-01 08:00:00+00' + i * interval '11 days'
from (select current_setting('helpdesk.seed') as seed) as s
cross join generate_series(1, 8) as i
cross join lateral (select hashtextextended(s.seed, 1) & 65535 as h) as r;

update agent
set manager_id = (select a.id from agent as a order by a.created_at limit 1)
where created_at > (select min(a.created_at) from agent as a);

update team as t
set lead_id = (select a.id from agent as a where a.team_id = t.id order by a.created_at limit 1);

insert into customer (id, reference, name, tier, domains, created_at)
select
    md5(s.seed || ':customer:' || i)::uuid,
    format('C-%s', 1000 + i),
    name.word || ' ' || (array['Logistics', 'Foods', 'Robotics', 'Health', 'Cycles'])[1 + (h / 8) % 5],
    (array['free', 'standard', 'standard', 'enterprise'])[1 + h % 4]::customer_tier,
    array[lower(name.word) || i || '.example'],
    timestamptz '2025-06-01 09:00:00+00' + i * interval '9 days'
from (select current_setting('helpdesk.seed') as seed) as s
cross join generate_series(1, greatest(4, current_setting('helpdesk.tickets')::integer / 5)) as i
cross join lateral (select hashtextextended(s.seed || ':customer:' || i, 2) & 65535 as h) as r
cross join lateral (
    select (array['Aurora', 'Birch', 'Cobalt', 'Delta', 'Ember', 'Fjord', 'Granite'])[1 + h % 7] as word
) as name;

insert into contact (id, customer_id, full_name, email, phone, locale, created_at)
select
    md5(c.id::text || ':contact:' || i)::uuid,
    c.id,
    person.name,
    lower(split_part(person.name, ' ', 1)) || '.' || i || '@' || c.domains[1],
    case when h % 3 > 0 then format('+56 2 %s', 20000000 + h * 97 % 9999999) end,
    case when h % 5 = 0 then 'es' else 'en' end,
    c.created_at + i * interval '1 day'
from customer as c
cross join generate_series(1, 2) as i
cross join lateral (select hashtextextended(c.id::text || ':contact:' || i, 3) & 65535 as h) as r
cross join lateral (
    select
        (array['Ines', 'Jonas', 'Kiri', 'Leila', 'Mateo', 'Noor', 'Olga', 'Rosa', 'Sven'])[1 + h % 9] || ' '
        || (array['Araya', 'Berg', 'Castro', 'Dahl', 'Eze', 'Gupta'])[1 + (h / 9) % 6] as name
) as person;

insert into ticket (subject, description, channel, priority_id, queue_id, contact_id, custom, created_at)
select
    topic.subject,
    'Since ' || to_char(r.created_at, 'FMDay') || ': ' || lower(topic.subject) || '. Can you help?',
    (array['email', 'email', 'web', 'phone', 'chat', 'api'])[1 + h % 6]::channel,
    1 + (h / 6) % 4,
    (select q.id from queue as q where q.name = topic.queue),
    contact.id,
    jsonb_build_object('order', 70000 + h % 9999, 'region', (array['north', 'south', 'east'])[1 + h % 3]),
    r.created_at
from (select current_setting('helpdesk.seed') as seed) as s
cross join generate_series(1, current_setting('helpdesk.tickets')::integer) as i
cross join lateral (select hashtextextended(s.seed || ':ticket:' || i, 4) & 65535 as h) as x
cross join lateral (
    select timestamptz '2026-08-03 07:00:00+00' + i * interval '26 hours' + h % 600 * interval '1 minute'
        as created_at
) as r
cross join lateral (
    select t.subject, t.queue
    from (
        values
            (0, 'Cannot log in after the password reset', 'General'),
            (1, 'The invoice of last month shows the wrong tax', 'Invoices'),
            (2, 'Export to CSV stops half way', 'General'),
            (3, 'All pages answer with error 502', 'Outages'),
            (4, 'How do I add a second warehouse', 'General'),
            (5, 'Please refund the duplicate charge', 'Invoices'),
            (6, 'The webhook is delivered twice', 'General'),
            (7, 'Slow search on the mobile application', 'General'),
            (8, 'Change of the billing address', 'Invoices')
    ) as t (number, subject, queue)
    where t.number = h % 9
) as topic
cross join lateral (
    select k.id
    from contact as k
    order by md5(k.id::text || i)
    limit 1
) as contact
order by r.created_at;

insert into ticket_tag (ticket_id, tag_id)
select t.id, g.id
from ticket as t
join tag as g
    on g.name = case
        when t.subject like '%refund%' then 'refund'
        when t.subject like 'How%' then 'how-to'
        else 'bug'
    end;

insert into message (ticket_id, contact_id, body, created_at)
select t.id, t.contact_id, t.description, t.created_at
from ticket as t
order by t.id;

-- Nine of ten tickets have an answer; the trigger on message stops the first clock and opens the ticket.
insert into message (ticket_id, agent_id, body, created_at)
select t.id, a.id, 'Thank you for writing. ' || r.body, t.created_at + (5 + h % 400) * interval '1 minute'
from ticket as t
cross join lateral (select hashtextextended(t.number || t.contact_id, 5) & 65535 as h) as x
cross join lateral (
    select (array['We look into it.', 'Could you send a picture?', 'This is fixed now.'])[1 + h % 3] as body
) as r
cross join lateral (select g.id from agent as g order by md5(g.id::text || t.number) limit 1) as a
where h % 10 > 0
order by t.id;

insert into message (ticket_id, agent_id, visibility, body, created_at)
select m.ticket_id, m.agent_id, 'internal', 'As in the runbook.', m.created_at + interval '3 minutes'
from message as m
where m.agent_id is not null and m.ticket_id % 4 = 0;

update ticket as t
set assignee_id = m.agent_id,
    status = (array['open', 'pending', 'on hold', 'solved', 'solved', 'closed'])[1 + t.id % 6]::ticket_status,
    solved_at = case when t.id % 6 > 2 then m.created_at + t.id % 70 * interval '1 hour' end
from message as m
where m.ticket_id = t.id and m.agent_id is not null and m.visibility = 'public';

insert into attachment (id, message_id, file_name, media_type, byte_size, digest)
select
    md5(t.number || ':attachment')::uuid,
    m.id,
    'screenshot-' || t.number || '.png',
    'image/png',
    20000 + t.id * 977 % 400000,
    sha256(convert_to(t.number || t.contact_id, 'UTF8'))
from message as m
join ticket as t on t.id = m.ticket_id
where m.contact_id is not null and t.id % 3 = 0;

insert into time_entry (ticket_id, agent_id, during, billable)
select
    m.ticket_id,
    m.agent_id,
    tstzrange(m.created_at - (6 + m.ticket_id % 30) * interval '1 minute', m.created_at),
    m.ticket_id % 5 > 0
from message as m
where m.agent_id is not null and m.visibility = 'public';

insert into satisfaction_rating (ticket_id, contact_id, score, remark)
select t.id, t.contact_id, 3 + t.id % 3, case when t.id % 3 = 2 then 'Quick and friendly.' end
from ticket as t
where t.status = 'closed' or (t.status = 'solved' and t.id % 2 = 0);

insert into sla_breach (ticket_id, policy_id, clock, due_at)
select t.id, p.id, 'first response', t.created_at + p.first_response
from ticket as t
join contact as k on k.id = t.contact_id
join customer as c on c.id = k.customer_id
join sla_policy as p on p.tier = c.tier and p.priority_id = t.priority_id
where coalesce(t.first_response_at, 'infinity') > t.created_at + p.first_response
order by t.id;

insert into article (id, slug, title)
select md5(current_setting('helpdesk.seed') || ':article:' || v.slug)::uuid, v.slug, v.title
from (
    values
        ('reset-your-password', 'Reset your password'),
        ('add-a-warehouse', 'Add a warehouse'),
        ('read-your-invoice', 'Read your invoice')
) as v (slug, title);

insert into article_revision (article_id, revision, author_id, body)
select a.id, r.revision, g.id, format('%s, step by step. Open the settings first. (%s)', a.title, r.revision)
from article as a
cross join generate_series(1, 2) as r (revision)
cross join lateral (select g.id from agent as g order by md5(g.id::text || a.slug) limit 1) as g;

update article
set status = 'published', published_revision = 2
where slug <> 'add-a-warehouse';

insert into webhook (id, url, secret_name)
select
    md5(s.seed || ':webhook')::uuid,
    format('https://hooks.%s.example/tickets', s.seed),
    'webhook/' || s.seed
from (select current_setting('helpdesk.seed') as seed) as s;

insert into webhook_delivery (
    webhook_id, ticket_id, payload, attempts, next_attempt_at, delivered_at, response_status
)
select
    w.id,
    t.id,
    jsonb_build_object('event', 'created', 'ticket', t.number),
    1,
    case when t.id % 10 = 0 then t.created_at + interval '1 hour' end,
    case when t.id % 10 > 0 then t.created_at + interval '1 second' end,
    case when t.id % 10 = 0 then 503 else 204 end
from webhook as w
cross join ticket as t
order by t.id;

insert into closure (during, reason) values
    ('[2026-12-24,2026-12-27)', 'Christmas'),
    ('[2026-12-31,2027-01-02)', 'New Year');
