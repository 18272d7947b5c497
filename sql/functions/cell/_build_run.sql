-- Runs a script that builds a schema, as its owner; where it wants what was granted to the tenants' group, again as a member.
create or replace function freehold._build_run(
    cell integer, schema_name name, owner_role name, script text, all_rows boolean default false
) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._owner_run(cell, schema_name, owner_role, script, all_rows => all_rows);
exception
    when insufficient_privilege then
        perform freehold._group_join(cell, owner_role);
        perform freehold._owner_run(cell, schema_name, owner_role, script, all_rows => all_rows);
end
$$;
