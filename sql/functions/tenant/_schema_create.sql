-- A schema with its owner and runtime role, made by a cell. Two roles at rest; both are in the tenants' group, which
-- holds CONNECT and what shared things a DBA grants it.
create or replace function freehold._schema_create(cell integer, schema_name name, owner_role name, rw_role name) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._cell_run(cell, format(
        'create role %1$I nologin;
         create role %2$I nologin;
         grant %3$I to %1$I, %2$I%4$s',
        owner_role, rw_role, freehold._role('tenant'), freehold._membership(true, false)));
    perform freehold._schema_put(cell, schema_name, owner_role);
end
$$;
