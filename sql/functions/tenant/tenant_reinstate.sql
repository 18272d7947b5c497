-- security definer: puts the runtime role back into its gate. Touches: tenant, operation (one row each).
create or replace function freehold.tenant_reinstate(slug text) returns freehold.tenant
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant freehold.tenant := freehold._tenant_lock(slug);
    v_operation bigint;
begin
    if v_tenant.state <> 'retired' then
        raise exception 'tenant "%" is not retired', slug
            using errcode = 'FH202', detail = format('It is %s.', v_tenant.state);
    end if;
    v_operation := freehold._operation_begin('reinstate', v_tenant.id, slug);
    update freehold.tenant as t set retired_at = null, erase_after = null where t.id = v_tenant.id;
    v_tenant := freehold._tenant_transition(v_tenant, 'active');
    perform freehold._tenant_admit(v_tenant);
    perform freehold._operation_end(v_operation);
    return v_tenant;
end
$$;

comment on function freehold.tenant_reinstate(text) is
    'Brings a retired tenant back to active. Raises FH101 for an unknown slug, FH202 unless the tenant is retired.';
