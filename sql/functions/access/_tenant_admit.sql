-- Lets a tenant's runtime roles in: into the schema, and through the gate of its cell.
create or replace function freehold._tenant_admit(tenant freehold.tenant) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
    set client_min_messages = warning
as $$
begin
    perform freehold._schema_admit(tenant, true);
    perform freehold._cell_run(tenant.cell, freehold._gate_admission(tenant));
end
$$;
