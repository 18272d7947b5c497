-- The registry row, roles and empty schema of a clone, with settings and limits of the source. Touches:
-- tenant (one row), tenant_migration, mask_rule.
create or replace function freehold._clone_register(source freehold.tenant, target text, display_name text, external_id text)
    returns freehold.tenant
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant freehold.tenant := freehold._tenant_register(
        target, source.template, source.template_version, display_name, external_id, source.settings);
begin
    update freehold.tenant as t
    set limits = source.limits, base_version = source.base_version
    where t.id = v_tenant.id
    returning * into v_tenant;
    insert into freehold.tenant_migration
        (home_id, migration_id, state, source_digest, text_digest, applied_at, applied_by, duration, rollout_id, rows)
    select v_tenant.id, m.migration_id, m.state, m.source_digest, m.text_digest, m.applied_at, m.applied_by, m.duration, m.rollout_id,
           m.rows
    from freehold.tenant_migration as m
    where m.home_id = source.id;
    insert into freehold.mask_rule (home_id, table_name, column_name, rule, options, declared_at, declared_by)
    select v_tenant.id, m.table_name, m.column_name, m.rule, m.options, m.declared_at, m.declared_by
    from freehold.mask_rule as m
    where m.home_id = source.id;
    if source.ro_role is not null then
        v_tenant := freehold._reader_make(v_tenant);
    end if;
    perform freehold._schema_create(v_tenant);
    perform freehold._limit_apply(v_tenant, array[v_tenant.rw_role]);
    return v_tenant;
end
$$;
