-- Puts other limits into a tenant's row and gives its runtime roles those of these names.
-- Touches: tenant, operation (one row each).
create or replace function freehold._limit_change(kind text, tenant freehold.tenant, limits jsonb, names text[], detail jsonb)
    returns freehold.tenant
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_operation bigint;
begin
    if tenant.state not in ('active', 'suspended') then
        raise exception 'tenant "%" is %', tenant.slug, tenant.state
            using errcode = 'FH202', detail = 'Only an active or suspended tenant can be given limits.';
    end if;
    v_operation := freehold._operation_begin(kind, tenant.id, tenant.slug, detail);
    update freehold.tenant as t
    set limits = _limit_change.limits, changed_at = freehold._now()
    where t.id = tenant.id
    returning * into tenant;
    perform freehold._limit_apply(tenant, array(select r.role from freehold._runtime_roles(tenant) as r), names);
    perform pg_notify('freehold_tenant', '');
    perform freehold._operation_end(v_operation);
    return tenant;
end
$$;
