-- security definer: the table is the owner's. Touches: statistic (read).
create or replace function freehold.statistic_list(since timestamptz default null, max_rows integer default 1000)
    returns setof freehold.statistic
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select *
    from (
        select *
        from freehold.statistic as s
        where s.at >= coalesce(statistic_list.since, '-infinity')
        order by s.at desc
        limit max_rows) as s
    order by s.at
$$;

comment on function freehold.statistic_list(timestamptz, integer) is
    'What the keeper measured of the installation since then, the oldest first, the latest max_rows: tenants by state, rows and size of '
    'the catalogs, connections, locks, the oldest transaction, the reserve.';
