-- security definer: puts the runtime role back into its gate. Touches: tenant, operation (one row each).
create or replace function freehold.tenant_resume(slug text) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant freehold.tenant := freehold._tenant_lock(slug);
    v_operation bigint;
begin
    if v_tenant.state <> 'suspended' then
        raise exception 'tenant "%" is not suspended', slug
            using errcode = 'FH202', detail = format('It is %s.', v_tenant.state);
    end if;
    v_operation := freehold._operation_begin('resume', v_tenant.id, slug);
    v_tenant := freehold._tenant_transition(v_tenant, 'active');
    perform freehold._tenant_admit(v_tenant);
    perform freehold._operation_end(v_operation);
    return v_tenant;
end
$$;

comment on function freehold.tenant_resume(text) is
    'Lets a suspended tenant in again. Raises FH101 for an unknown slug, FH202 unless the tenant is suspended.';
