-- A schema with its owner, its runtime role and its runner, made by a cell. Two roles at rest. Who calls has them join the tenants'
-- group, at the end: _group_join().
create or replace function freehold._schema_create(home freehold.tenant) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._cell_run(home.cell, freehold._role_script(home));
    perform freehold._schema_put(home.cell, home.schema_name, home.owner_role, made => freehold._runner_script(home));
end
$$;

-- As it was called before schemas were made with their runner.
drop function if exists freehold._schema_create(integer, name, name, name);
