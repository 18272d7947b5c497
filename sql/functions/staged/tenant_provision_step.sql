-- security definer: makes roles and a schema through a cell. Touches: tenant, operation (one row each), operation_script,
-- template_ddl (read), cell.
create or replace function freehold.tenant_provision_step(
    slug text,
    template text default 'default',
    display_name text default null,
    external_id text default null,
    settings jsonb default '{}'
) returns freehold.operation
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_slug constant text := coalesce(slug, freehold.tenant_slug(external_id));
    v_operation freehold.operation := freehold._operation_open(v_slug, 'provision');
    v_version integer;
    v_tenant freehold.tenant;
begin
    if v_operation.id is not null then
        return freehold.operation_step(v_operation.id);
    end if;
    v_version := freehold._template_version(tenant_provision_step.template);
    v_tenant := freehold._tenant_register(v_slug, tenant_provision_step.template, v_version, display_name, external_id, settings);
    v_operation.id := freehold._operation_begin('provision', v_tenant.id, v_tenant.slug, jsonb_build_object(
        'template', tenant_provision_step.template, 'version', v_version, 'cell', v_tenant.cell));
    perform freehold._schema_create(v_tenant);
    v_operation := (
        select freehold._script_keep(v_operation.id, array_agg(s.phase order by s.phase = 'audit', s.ordinal),
                                      array_agg(s.ddl order by s.phase = 'audit', s.ordinal))
        from freehold._template_statements(tenant_provision_step.template, v_version,
                                           v_tenant.schema_name, v_tenant.owner_role, v_tenant.rw_role) as s);
    perform freehold._group_join(v_tenant.cell, v_tenant.owner_role, v_tenant.rw_role);
    return v_operation;
end
$$;

comment on function freehold.tenant_provision_step(text, text, text, text, jsonb) is
    'One transaction''s worth of a staged provision, for clients that cannot CALL outside a transaction: call it until the operation '
    'it returns is no longer running. The first call registers the tenant, later ones go on with it, whatever their other '
    'arguments say. Raises what tenant_provision() raises.';
