-- Gives a tenant's schema and its owner role their new names, which are in the second row.
create or replace function freehold._schema_rename(tenant freehold.tenant, renamed freehold.tenant) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._schema_put(tenant.cell, renamed.schema_name, tenant.owner_role, tenant.schema_name);
    perform freehold._cell_run(tenant.cell, format('alter role %I rename to %I', tenant.owner_role, renamed.owner_role));
end
$$;
