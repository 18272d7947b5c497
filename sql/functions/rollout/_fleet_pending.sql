-- The tenants of a template that lack one of these migrations. One pass over the ledger's rows for them, none over the catalogs.
create or replace function freehold._fleet_pending(template text, migration_ids text[])
    returns table (home_id uuid, slug text, missing text[])
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with inherited as materialized (
        select v.version, array(select u.id from unnest(migration_ids) as u (id) where u.id <> all (v.migrations)) as missing
        from freehold.template_version as v
        where v.template = _fleet_pending.template
    ), own as materialized (
        select m.home_id,
               coalesce(array_agg(m.migration_id) filter (where m.state = 'applied'), '{}') as applied,
               coalesce(array_agg(m.migration_id) filter (where m.state <> 'applied'), '{}') as undone
        from freehold.tenant_migration as m
        where m.migration_id = any (migration_ids)
        group by m.home_id
    )
    select t.id, t.slug, l.missing
    from freehold.tenant as t
    left join inherited as i on i.version = t.base_version
    left join own as o on o.home_id = t.id
    cross join lateral (
        select array(select u.id from unnest(migration_ids) with ordinality as u (id, ordinal)
                     where (u.id = any (coalesce(i.missing, migration_ids)) or u.id = any (o.undone))
                         and not coalesce(u.id = any (o.applied), false)
                     order by u.ordinal) as missing) as l
    where t.template = _fleet_pending.template and t.state in ('active', 'suspended', 'retired') and l.missing <> '{}'
$$;
