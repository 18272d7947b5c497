-- security definer: the table is the owner's. Touches: task (read).
create or replace function freehold.task_list() returns setof freehold.task
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select * from freehold.task as t order by t.name
$$;

comment on function freehold.task_list() is
    'What the keeper does: how often, when it ran last and how that ended, and when it is due.';
