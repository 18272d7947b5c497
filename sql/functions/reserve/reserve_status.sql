-- security definer: the tables are the owner's. Touches: reserve, template (read).
create or replace function freehold.reserve_status()
    returns table (template text, version integer, wanted integer, ready bigint, stale bigint, oldest timestamptz,
                   unfinished bigint)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select t.name, t.version, t.reserve_size, count(*) filter (where r.version = t.version and r.operation_id is null),
           count(*) filter (where r.version <> t.version and r.operation_id is null),
           min(r.made_at) filter (where r.operation_id is null), count(r.operation_id)
    from freehold.template as t
    left join freehold.reserve as r on r.template = t.name
    where t.reserve_size is not null or r.template is not null
    group by t.name
    order by t.name
$$;

comment on function freehold.reserve_status() is
    'The reserve by template: its current version, how many schemas of it the keeper is to have ready, how many are, how many are of an '
    'earlier one (those are never handed out, and dropped), since when the oldest waits, and how many are half made or half dropped, '
    'which filling goes on with.';
