-- security definer: makes a role through a cell and grants as the schema's owner. Touches: tenant, operation (one row each).
create or replace function freehold.reader_create(slug text) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant freehold.tenant := freehold._tenant_lock(slug);
    v_operation bigint;
begin
    if v_tenant.state not in ('active', 'suspended') then
        raise exception 'tenant "%" is %', slug, v_tenant.state
            using errcode = 'FH202', detail = 'Only an active or suspended tenant can be given a reader.';
    end if;
    v_operation := freehold._operation_begin('reader_create', v_tenant.id, slug);
    if v_tenant.ro_role is null then
        v_tenant := freehold._reader_make(v_tenant);
        if v_tenant.state = 'active' then
            perform freehold._tenant_admit(v_tenant);
        end if;
    end if;
    perform freehold._owner_run(v_tenant.cell, v_tenant.schema_name, v_tenant.owner_role,
        freehold._runtime_grants(quote_ident(v_tenant.schema_name)::regnamespace, v_tenant.ro_role, 'read'));
    perform freehold._operation_end(v_operation);
    return v_tenant;
end
$$;

comment on function freehold.reader_create(text) is
    'Gives a tenant a read-only runtime role, <schema>_ro: SELECT on its tables, views and sequences, those made later included, '
    'and EXECUTE on its functions but those that are SECURITY DEFINER. Call it again after functions were added; what the owner '
    'revoked from the role is granted again then. A clone of the tenant has one too. Raises FH101 for an unknown slug, FH202 '
    'unless the tenant is active or suspended.';
