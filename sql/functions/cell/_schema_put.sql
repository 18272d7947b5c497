-- Makes a schema that belongs to owner_role or, given its old name, renames it. Who makes schemas is asked here alone: the
-- cell, which holds CREATE on the database; or, where the install could not pass that on, the role that installed, through
-- its definer function. Either has the owner role's rights for the moment. The control plane may use the schema, to deparse it.
create or replace function freehold._schema_put(cell integer, schema_name name, owner_role name, old_name name default null)
    returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_cell constant name := freehold._cell_name(freehold._role('cell_'), cell);
    v_maker name := v_cell;
begin
    if not has_database_privilege(v_cell, current_database(), 'create') then
        v_maker := (select pg_get_userbyid(p.proowner) from pg_proc as p
                    where p.oid = to_regprocedure('freehold._installer_schema(name, name, name)'));
        if v_maker is null or not has_database_privilege(v_maker, current_database(), 'create') then
            raise exception 'nobody may create schemas in database "%"', current_database()
                using errcode = 'FH303',
                      detail = format('%I does it for this installation, and has no CREATE on the database.', coalesce(v_maker, v_cell)),
                      hint = case when v_maker is null then 'Install again, as a role with CREATE on the database.'
                                  else format('As the database''s owner: grant create on database %I to %I; or install again, as '
                                              'another role that has it.', current_database(), v_maker) end;
        end if;
    end if;
    perform freehold._cell_run(cell, format('grant %I to %I%s', owner_role, v_maker, freehold._membership(true, true)));
    if v_maker <> v_cell then
        execute format('select freehold.%I($1, $2, $3)', '_installer_schema') using schema_name, owner_role, old_name;
    elsif old_name is null then
        perform freehold._cell_run(cell, format('create schema %1$I authorization %2$I; grant usage on schema %1$I to %3$I',
                                                schema_name, owner_role, freehold._role('owner')));
    else
        perform freehold._cell_run(cell, format('alter schema %I rename to %I', old_name, schema_name));
    end if;
    perform freehold._cell_run(cell, format('revoke %I from %I', owner_role, v_maker));
    perform freehold._membership_assert(owner_role, v_maker);
end
$$;
