-- Canaries: of each tier one tenant a decile by size, or a tenth of a small fleet.
create or replace function freehold._canary_pick(homes uuid[]) returns uuid[]
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with size as materialized (
        select t.id, t.tier, coalesce(sum(c.relpages), 0) as pages, count(*) over (partition by t.tier) as tenants
        from freehold.tenant as t
        left join pg_namespace as n on n.nspname = t.schema_name
        left join pg_class as c on c.relnamespace = n.oid
        where t.id = any (homes)
        group by t.id
    ), decile as (
        select s.id, s.tier,
               floor((row_number() over (partition by s.tier order by s.pages, s.id) - 1)
                     * least(10, ceil(s.tenants / 10.0)) / s.tenants) as decile
        from size as s
    )
    select coalesce(array_agg(d.id), '{}')
    from (select distinct on (d.tier, d.decile) d.id from decile as d order by d.tier, d.decile, d.id) as d
$$;
