-- A member of the reserve in the shape of a tenant, for the functions that work on those.
create or replace function freehold._reserve_tenant(reserve freehold.reserve) returns freehold.tenant
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant freehold.tenant;
begin
    v_tenant.id := reserve.tenant_id;
    v_tenant.cell := reserve.cell;
    v_tenant.schema_name := reserve.schema_name;
    v_tenant.owner_role := reserve.owner_role;
    v_tenant.rw_role := reserve.rw_role;
    v_tenant.rw_login := false;
    return v_tenant;
end
$$;
