-- The read-only runtime role of a tenant and its place in the registry; its rights are granted by who calls, and its place in the
-- tenants' group. It has the tenant's limits.
-- Touches: tenant (one row).
create or replace function freehold._reader_make(tenant freehold.tenant) returns freehold.tenant
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_role constant name := tenant.schema_name || '_ro';
begin
    perform freehold._name_free(null, array[v_role]);
    perform freehold._cell_run(tenant.cell, format('create role %I nologin', v_role));
    perform freehold._limit_apply(tenant, array[v_role]);
    if tenant.audit_reads then
        perform freehold._cell_run(tenant.cell, freehold._reads_script(v_role, true));
    end if;
    update freehold.tenant as t
    set ro_role = v_role, changed_at = freehold._now()
    where t.id = tenant.id
    returning * into tenant;
    return tenant;
end
$$;
