-- A schema with its owner and runtime role, made by a cell. Two roles at rest. Who calls has them join the tenants' group, at
-- the end: _group_join().
create or replace function freehold._schema_create(cell integer, schema_name name, owner_role name, rw_role name) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._cell_run(cell, format('create role %I nologin; create role %I nologin', owner_role, rw_role));
    perform freehold._schema_put(cell, schema_name, owner_role);
end
$$;
