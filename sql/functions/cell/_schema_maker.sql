-- Who makes and renames the schemas of a cell: the cell, which holds CREATE on the database; or, where the install could not
-- pass that on, the role that installed, through its definer function.
create or replace function freehold._schema_maker(cell integer) returns name
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_maker name := freehold._cell_name(freehold._role('cell_'), cell);
begin
    if has_database_privilege(v_maker, current_database(), 'create') then
        return v_maker;
    end if;
    v_maker := coalesce((select pg_get_userbyid(p.proowner) from pg_proc as p
                         where p.oid = to_regprocedure('freehold._installer_schema(name, name, name)')), v_maker);
    if not has_database_privilege(v_maker, current_database(), 'create') then
        raise exception 'nobody may create schemas in database "%"', current_database()
            using errcode = 'FH303',
                  detail = format('%I does it for this installation, and has no CREATE on the database.', v_maker),
                  hint = case when to_regprocedure('freehold._installer_schema(name, name, name)') is null
                              then 'Install again, as a role with CREATE on the database.'
                              else format('As the database''s owner: grant create on database %I to %I; or install again, as '
                                          'another role that has it.', current_database(), v_maker) end;
    end if;
    return v_maker;
end
$$;
