-- security definer: makes roles and a schema through a cell. Touches: tenant, operation (one new row each), tenant_migration.
create or replace function freehold.tenant_restore_begin(
    slug text, manifest jsonb, display_name text default null, external_id text default null
) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_from constant jsonb := manifest -> 'tenant';
    v_tenant freehold.tenant;
begin
    perform freehold._restore_check(manifest);
    v_tenant := freehold._tenant_register(
        slug, v_from ->> 'template', (v_from ->> 'template_version')::integer,
        coalesce(tenant_restore_begin.display_name, v_from ->> 'display_name'), external_id, v_from -> 'settings');
    update freehold.tenant as t
    set limits = v_from -> 'limits', base_version = (v_from ->> 'base_version')::integer
    where t.id = v_tenant.id
    returning * into v_tenant;
    perform freehold._restore_ledger(v_tenant, manifest);
    if (v_from ->> 'reader')::boolean then
        v_tenant := freehold._reader_make(v_tenant);
    end if;
    perform freehold._schema_create(v_tenant);
    perform freehold._limit_apply(v_tenant, array[v_tenant.rw_role]);
    perform freehold._owner_run(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role, format(
        'create unlogged table %1$I (ordinal bigint generated always as identity, name text, rows text[]); grant insert on %1$I to %2$I',
        freehold._restore_table(v_tenant), freehold._role('owner')));
    perform freehold._transfer_begin('restore', v_tenant, jsonb_build_object(
        'source_id', v_from ->> 'id', 'source', v_from ->> 'slug', 'template', v_tenant.template, 'version', v_tenant.template_version,
        'cell', v_tenant.cell));
    return v_tenant;
end
$$;

comment on function freehold.tenant_restore_begin(text, jsonb, text, text) is
    'Begins to make a tenant from an export, whose manifest it is given: registry row, roles and an empty schema. Rows follow by '
    'tenant_restore_rows(), and tenant_restore_end() ends it in the same transaction, without which that cannot be committed: so nothing '
    'is left of a restore that fails. Raises FH003 and FH004 for what is no export or a newer server''s, FH102 where the template''s '
    'version is unknown, FH201, FH203 and FH209 for what is taken, FH531 where the version is another one here, FH401 when busy.';
