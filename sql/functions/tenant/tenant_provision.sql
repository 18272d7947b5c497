-- security definer: makes roles and a schema through a cell, which no caller can. Touches: tenant, operation (one row
-- each), template_ddl (read), cell, reserve. Locks: the new registry row until commit.
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
    v_reserve freehold.reserve;
    v_tenant freehold.tenant;
    v_started constant timestamptz := freehold._now();
begin
    v_reserve := freehold._reserve_take(tenant_provision.template, v_version);
    v_tenant := freehold._tenant_register(
        coalesce(slug, freehold.tenant_slug(external_id)), tenant_provision.template, v_version,
        display_name, external_id, settings, v_reserve, 'active');
    if v_reserve.id is null then
        perform freehold._tenant_build(v_tenant, tenant_provision.template, v_version);
        perform freehold._cell_run(v_tenant.cell, freehold._gate_admission(v_tenant));
        v_reserve.publications := freehold._publication_list(tenant_provision.template, v_version);
    else
        perform freehold._reserve_claim(v_reserve, v_tenant);
    end if;
    perform freehold._publication_join(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role, v_reserve.publications);
    perform freehold._operation_done('provision', v_tenant.id, v_tenant.slug, v_started, jsonb_build_object(
        'template', tenant_provision.template, 'version', v_version, 'cell', v_tenant.cell, 'reserve', v_reserve.schema_name));
    perform pg_notify('freehold_tenant', '');
    return v_tenant;
end
$$;

comment on function freehold.tenant_provision(text, text, text, text, jsonb) is
    'Makes a tenant from a template''s current version: schema, owner and runtime role, objects, seed rows, grants; all or '
    'nothing. Claims a ready-made schema when the reserve has one (reserve_fill()). A null slug is derived from the external id. '
    'Raises FH001, FH002 and FH003 for bad input, FH102 and FH208 for a template that is unknown or was never frozen, FH201 and '
    'FH203 for a slug or external id that is taken, FH222 while the erasure of a former tenant of that '
    'slug has open tasks, FH401 when busy, FH402 for a template that is too large for one transaction.';
