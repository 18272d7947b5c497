-- security definer: the table is the owner's. Touches: task (read).
create or replace function freehold.task_due() returns table (name text, due_in interval)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select t.name, greatest(coalesce(t.next_due_at - n.now, interval '0'), interval '0')
    from freehold.task as t
    cross join (select freehold._now() as now) as n
    where t.enabled
    order by t.next_due_at nulls first, t.name
$$;

comment on function freehold.task_due() is
    'The tasks that are enabled, the one that is due first at the top, and in how long each is due: 0 for those that are to be run now.';
