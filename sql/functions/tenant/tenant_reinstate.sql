-- security definer: puts the runtime role back into its gate. Touches: tenant, operation (one row each).
create or replace function freehold.tenant_reinstate(slug text) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant freehold.tenant := freehold._tenant_lock(slug);
    v_suspension constant text := v_tenant.suspension;
    v_operation bigint;
begin
    if v_tenant.state <> 'retired' then
        raise exception 'tenant "%" is not retired', slug
            using errcode = 'FH202', detail = format('It is %s.', v_tenant.state);
    end if;
    v_operation := freehold._operation_begin('reinstate', v_tenant.id, slug);
    update freehold.tenant as t set retired_at = null, erase_after = null, suspension = null where t.id = v_tenant.id;
    v_tenant := freehold._tenant_transition(v_tenant, 'active');
    if v_suspension is null then
        perform freehold._tenant_admit(v_tenant);
    else
        v_tenant := freehold._tenant_transition(v_tenant, 'suspended', nullif(v_suspension, ''));
    end if;
    perform freehold._operation_end(v_operation);
    return v_tenant;
end
$$;

comment on function freehold.tenant_reinstate(text) is
    'Brings a retired tenant back: to active, or to suspended if it was that when it was retired. Raises FH101 for an unknown '
    'slug, FH202 unless the tenant is retired.';
