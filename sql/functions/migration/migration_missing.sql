-- security definer: the tables are the owner's. Touches: tenant, template, template_version, tenant_migration (read).
create or replace function freehold.migration_missing(template text, migration_ids text[])
    returns table (migration_id text, tenants bigint, template_has boolean)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_home constant freehold.tenant := freehold._home_get('@' || migration_missing.template);
begin
    return query
        with lacking as materialized (
            select u.id, count(*) as tenants
            from freehold._fleet_pending(v_home.template, migration_ids) as p
            cross join lateral unnest(p.missing) as u (id)
            group by u.id
        ), had as materialized (
            select l.migration_id from freehold._ledger(v_home.id, null, null) as l where l.state = 'applied'
        )
        select i.id, coalesce(l.tenants, 0), i.id in (select h.migration_id from had as h)
        from unnest(migration_ids) with ordinality as i (id, ordinal)
        left join lacking as l on l.id = i.id
        where l.id is not null or i.id not in (select h.migration_id from had as h)
        order by i.ordinal;
end
$$;

comment on function freehold.migration_missing(text, text[]) is
    'Which of these migrations are not everywhere: how many tenants of the template lack each, and whether its own schema has it. No row '
    'means that all have all. Raises FH102 for an unknown template.';
