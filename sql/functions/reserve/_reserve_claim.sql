-- Makes a ready-made schema a tenant's where that waits without a script for it (_reserve_script()): its names, and the way in
-- through the gate.
create or replace function freehold._reserve_claim(reserve freehold.reserve, tenant freehold.tenant) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_made constant freehold.tenant := freehold._reserve_tenant(reserve);
begin
    if v_made.schema_name <> tenant.schema_name then
        perform freehold._schema_rename(v_made, tenant);
    end if;
    perform freehold._tenant_admit(tenant);
end
$$;
