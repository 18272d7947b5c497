-- security definer: the tables are the owner's. Touches: reserve, template (read).
create or replace function freehold.reserve_status()
    returns table (template text, version integer, ready bigint, stale bigint, oldest timestamptz)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select t.name, t.version, count(*) filter (where r.version = t.version), count(*) filter (where r.version <> t.version), min(r.made_at)
    from freehold.template as t
    join freehold.reserve as r on r.template = t.name
    group by t.name, t.version
    order by t.name
$$;

comment on function freehold.reserve_status() is
    'The reserve by template: its current version, how many schemas of it are ready, how many are of an earlier one (those are never '
    'handed out; reserve_fill() drops them), and since when the oldest waits.';
