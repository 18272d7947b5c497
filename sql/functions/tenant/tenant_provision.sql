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
    v_reserve freehold.reserve;
    v_tenant freehold.tenant;
begin
    -- The oldest ready-made schema of the current version that nobody else is taking, if there is one.
    delete from freehold.reserve as r
    where r.id = (
        select f.id from freehold.reserve as f
        where f.template = tenant_provision.template and f.operation_id is null
            and f.version = (select t.version from freehold.template as t where t.name = tenant_provision.template and t.state = 'ready')
        order by f.id
        limit 1
        for update skip locked)
    returning * into v_reserve;
    v_tenant := freehold._tenant_register(
        coalesce(slug, freehold.tenant_slug(external_id)), tenant_provision.template,
        coalesce(v_reserve.version, freehold._template_version(tenant_provision.template)),
        display_name, external_id, settings, v_reserve, 'active');
    if v_reserve.id is null then
        perform freehold._tenant_build(v_tenant, v_tenant.template, v_tenant.template_version, freehold._gate_admission(v_tenant));
        v_reserve.publications := freehold._publication_list(v_tenant.template, v_tenant.template_version);
    end if;
    perform freehold._operation_done('provision', v_tenant.id, v_tenant.slug, v_tenant.created_at, jsonb_build_object(
        'template', v_tenant.template, 'version', v_tenant.template_version, 'cell', v_tenant.cell, 'reserve', v_reserve.schema_name));
    notify freehold_tenant;
    -- The last that a claim does: a rename makes every session forget its plans, so what runs on both sides of it is planned twice.
    if v_reserve.claim is not null then
        perform freehold._cell_run(v_tenant.cell, format(
            v_reserve.claim, quote_ident(v_tenant.schema_name), quote_ident(v_tenant.owner_role), quote_ident(v_tenant.rw_role)));
        perform freehold._membership_assert(array[quote_ident(v_tenant.owner_role)::regrole],
                                            (select c.role_name from freehold.cell as c where c.number = v_tenant.cell));
    elsif v_reserve.id is not null then
        perform freehold._reserve_claim(v_reserve, v_tenant);
    end if;
    if v_reserve.publications is not null then
        perform freehold._publication_join(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role, v_reserve.publications);
    end if;
    return v_tenant;
end
$$;

comment on function freehold.tenant_provision(text, text, text, text, jsonb) is
    'Makes a tenant from a template''s current version: schema, owner and runtime role, objects, seed rows, grants; all or '
    'nothing. Claims a ready-made schema when the reserve has one (reserve_fill()). A null slug is derived from the external id. '
    'Raises FH001, FH002 and FH003 for bad input, FH102 and FH208 for a template that is unknown or was never frozen, FH201 and '
    'FH203 for a slug or external id that is taken, FH222 while the erasure of a former tenant of that '
    'slug has open tasks, FH401 when busy, FH402 for a template that is too large for one transaction.';
