-- Runs a script as the owner of a tenant's (or template's) schema, with that schema first on the path.
-- SET ROLE is refused inside definer functions, and what is made there belongs to the function's owner. So the cell makes
-- a definer function in the schema, gives it to the owner role, calls it, drops it, and gives up its membership.
-- With a query, its one text value is returned, read after the script.
create or replace function freehold._owner_run(
    cell integer, schema_name name, owner_role name, script text, query text default null
) returns text
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_cell constant name := freehold._cell_name(freehold._role('cell_'), cell);
    v_cursors constant text[] := array(select c.name from pg_cursors as c where c.is_holdable);
    v_result text;
begin
    perform freehold._cell_run(cell, format('grant %I to %I%s', owner_role, v_cell, freehold._membership(true, true)));
    perform freehold._cell_run(cell, format(
        'create function %1$I._freehold_run(statement text, query text) returns text
             language plpgsql security definer
             set search_path = %1$I, pg_catalog, pg_temp set check_function_bodies = off
         as %2$L;
         alter function %1$I._freehold_run(text, text) owner to %3$I',
        schema_name, '
declare
    v_result text;
begin
    execute statement;
    set constraints all immediate;
    if query <> '''' then
        execute query into v_result;
    end if;
    return v_result;
end
', owner_role));
    v_result := freehold._cell_run(
        cell, format('select %I._freehold_run($1, %L)', schema_name, coalesce(query, '')), script);
    perform freehold._cell_run(cell, format('drop function %I._freehold_run(text, text)', schema_name));
    perform freehold._cell_run(cell, format('revoke %I from %I', owner_role, v_cell));
    perform freehold._membership_assert(owner_role, v_cell);
    -- A holdable cursor runs its query at COMMIT as whoever commits.
    if exists (select from pg_cursors as c where c.is_holdable and c.name <> all (v_cursors)) then
        raise exception 'code of schema "%" opened a cursor with hold', schema_name
            using errcode = 'FH303', detail = 'Its query would run at commit with the rights of the caller.';
    end if;
    return v_result;
end
$$;
