-- Makes a schema that belongs to owner_role or, given its old name, renames it: with the owner role's rights for the moment.
-- The control plane may use the schema, to deparse it. Before and closing are statements for the cell, as in _borrow_run().
create or replace function freehold._schema_put(
    cell integer, schema_name name, owner_role name, old_name name default null, before text default null, closing text default null
) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_maker constant name := freehold._schema_maker(cell);
    v_owner constant regrole := quote_ident(owner_role)::regrole;
begin
    if v_maker = freehold._cell_name(freehold._role('cell_'), cell) then
        perform freehold._borrow_run(cell, array[v_owner], concat_ws(';', before, case
            when old_name is null
            then format('create schema %1$I authorization %2$I; grant usage on schema %1$I to %3$I',
                        schema_name, owner_role, freehold._role('owner'))
            else format('alter schema %I rename to %I', old_name, schema_name) end), closing);
        return;
    end if;
    if before is not null then
        perform freehold._borrow_run(cell, array[v_owner], before);
    end if;
    perform freehold._cell_run(cell, format('grant %I to %I%s', owner_role, v_maker, freehold._membership(true, true)));
    execute format('select freehold.%I($1, $2, $3)', '_installer_schema') using schema_name, owner_role, old_name;
    perform freehold._cell_run(cell, concat_ws(';', format('revoke %I from %I', owner_role, v_maker), closing));
    perform freehold._membership_assert(array[v_owner], v_maker);
end
$$;
