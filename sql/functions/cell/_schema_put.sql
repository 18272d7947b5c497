-- Makes a schema that belongs to owner_role or, given its old name, renames it: with the owner role's rights for the moment.
-- Before and closing are statements for the cell, as in _borrow_run(); made are such for a schema that is new, run with the same
-- rights.
create or replace function freehold._schema_put(
    cell integer, schema_name name, owner_role name, old_name name default null, before text default null, closing text default null,
    made text default null
) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_cell constant name := freehold._cell_name(freehold._role('cell_'), cell);
    v_maker constant name := freehold._schema_maker(cell);
    v_owner constant regrole := quote_ident(owner_role)::regrole;
    v_members text;
begin
    if v_maker = v_cell then
        perform freehold._borrow_run(cell, array[v_owner], concat_ws(';', before, case
            when old_name is null
            then freehold._schema_script(schema_name, owner_role)
            else format('alter schema %I rename to %I', old_name, schema_name) end, made), closing);
        return;
    end if;
    if before is not null then
        perform freehold._borrow_run(cell, array[v_owner], before);
    end if;
    v_members := concat_ws(', ', quote_ident(v_maker), case when made is not null then quote_ident(v_cell) end);
    perform freehold._cell_run(cell, format('grant %I to %s%s', owner_role, v_members, freehold._membership(true, true)));
    execute format('select freehold.%I($1, $2, $3)', '_installer_schema') using schema_name, owner_role, old_name;
    perform freehold._cell_run(cell, concat_ws(';', made, format('revoke %I from %s', owner_role, v_members), closing));
    perform freehold._membership_assert(array[v_owner], v_maker), freehold._membership_assert(array[v_owner], v_cell);
end
$$;

-- As it was called before schemas were made with their runner; both at once would be ambiguous.
drop function if exists freehold._schema_put(integer, name, name, name, text, text);
