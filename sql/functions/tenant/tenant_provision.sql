-- security definer: makes roles and a schema through a cell, which no caller can. Touches: tenant, operation (one row
-- each), template_ddl (read), cell. Locks: the new registry row until commit.
create or replace function freehold.tenant_provision(
    slug text,
    template text default 'default',
    display_name text default null,
    external_id text default null,
    settings jsonb default '{}'
) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_version constant integer := freehold._template_version(tenant_provision.template);
    v_tenant freehold.tenant;
    v_operation bigint;
begin
    v_tenant := freehold._tenant_register(
        coalesce(slug, freehold.tenant_slug(external_id)), tenant_provision.template, v_version,
        display_name, external_id, settings);
    v_operation := freehold._operation_begin('provision', v_tenant.id, v_tenant.slug, jsonb_build_object(
        'template', tenant_provision.template, 'version', v_version, 'cell', v_tenant.cell));
    perform freehold._schema_create(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role, v_tenant.rw_role);
    perform freehold._owner_run(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role,
        freehold._template_script(tenant_provision.template, v_version,
                                  v_tenant.schema_name, v_tenant.owner_role, v_tenant.rw_role));
    perform freehold._publication_join(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role,
                                       freehold._publication_list(tenant_provision.template, v_version));
    perform freehold._tenant_admit(v_tenant);
    v_tenant := freehold._tenant_transition(v_tenant, 'active');
    perform freehold._operation_end(v_operation);
    return v_tenant;
end
$$;

comment on function freehold.tenant_provision(text, text, text, text, jsonb) is
    'Makes a tenant from a template''s current version: schema, owner and runtime role, objects, seed rows, grants; all or '
    'nothing. A null slug is derived from the external id. Raises FH001, FH002 and FH003 for bad input, FH102 and FH208 for a '
    'template that is unknown or was never frozen, FH201 and FH203 for a slug or external id that is taken, FH401 when busy.';
