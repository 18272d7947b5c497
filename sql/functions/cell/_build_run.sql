-- Runs a script that builds a schema, as its owner; where it wants what was granted to the tenants' group, again as a member.
-- An estimate of its locks that fell short, or a session that took the room meanwhile, ends in an error that says so and names
-- the staged form, null where there is none.
create or replace function freehold._build_run(
    cell integer, schema_name name, owner_role name, script text, staged text, all_rows boolean default false
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
    when out_of_memory then
        raise exception 'schema "%" takes more locks than one transaction can have', schema_name
            using errcode = 'FH402', detail = sqlerrm, hint = freehold._lock_hint(staged);
end
$$;
