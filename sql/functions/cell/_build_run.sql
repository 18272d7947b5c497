-- Runs a script that builds a schema, as its owner; where it wants what was granted to the tenants' group, again as a member.
-- An estimate of its locks that fell short, or a session that took the room meanwhile, ends in an error that says so and names
-- the staged form, null where there is none. Before, made and closing are as in _owner_run(); joining has its roles join the group,
-- which comes before closing.
create or replace function freehold._build_run(
    cell integer, schema_name name, owner_role name, script text, staged text, all_rows boolean default false,
    before text default null, made text default null, joining text default null, closing text default null
) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._owner_run(cell, schema_name, owner_role, script, null, all_rows, before, made,
                                concat_ws('; ', joining, closing));
exception
    when insufficient_privilege then
        if joining is null then
            perform freehold._group_join(cell, owner_role);
        end if;
        perform freehold._owner_run(cell, schema_name, owner_role, script, null, all_rows, concat_ws('; ', before, joining), made,
                                    closing);
    when out_of_memory then
        raise exception 'schema "%" takes more locks than one transaction can have', schema_name
            using errcode = 'FH402', detail = sqlerrm, hint = freehold._lock_hint(staged);
end
$$;

-- As it was called before a script could come with what makes its schema.
drop function if exists freehold._build_run(integer, name, name, text, text, boolean);
