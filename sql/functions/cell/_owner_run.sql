-- Runs a script as the owner of a tenant's (or template's) schema, with that schema first on the path. With a query, its one
-- text value is returned, read after the script. With all_rows a row that row-level security hides is an error, not a loss.
--
-- SET ROLE is refused inside definer functions, and what is made there belongs to the function's owner. So the cell makes a
-- definer function in the schema, gives it to the owner role, has it called, drops it, and gives up its membership.
--
-- The script, and the code of the schema that it sets off, is not trusted. A plain SET in it would outlive every SET clause up
-- the stack and lead the next name to a function of its own; so would a cursor, a prepared statement or a deferred trigger
-- that waits to be run as the caller. Therefore the function is called by REFRESH MATERIALIZED VIEW: PostgreSQL undoes what
-- code in there sets and refuses the rest ("security-restricted operation"). Names are random and checked by oid, so that
-- nothing can be put in their place.
--
-- A schema that is only now to be made comes with what makes it: before, its roles; made, itself, with the owner's rights; and
-- closing, what the cell is to do when it has given those up. All are statements for the cell, and none is anybody else's text.
--
-- A session keeps a plan of each statement of such a function for good, and walks through all of them at every change of a
-- relation: whoever makes thousands of schemas takes a new session for every hundred.
create or replace function freehold._owner_run(
    cell integer, schema_name name, owner_role name, script text, query text default null, all_rows boolean default false,
    before text default null, made text default null, closing text default null
) returns text
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_cell constant name := freehold._cell_name(freehold._role('cell_'), cell);
    v_name constant text := format('%I.%I', schema_name, '_freehold_' || replace(gen_random_uuid()::text, '-', ''));
    v_view oid;
    v_result text;
begin
    perform freehold._cell_run(cell, format(
        '%9$s grant %5$I to %6$I%7$s;
         %10$s create function %1$s() returns text
             language plpgsql security definer
             set search_path = %2$I, pg_catalog, pg_temp set check_function_bodies = off %3$s
         as %4$L;
         alter function %1$s() owner to %5$I;
         create materialized view %1$s as select %8$s as result with no data;
         alter materialized view %1$s owner to %5$I',
        v_name, schema_name, case when all_rows then 'set row_security = off' end, concat('
declare
    v_result pg_catalog.text;
begin
    set constraints all immediate;
    execute pg_catalog.current_setting(''freehold.script'');', case when query is not null then '
    execute pg_catalog.current_setting(''freehold.query'') into v_result;' end, '
    return v_result;
end
'), owner_role, v_cell, freehold._membership(true, true),
        -- Without a query no text is kept, and so no TOAST table made.
        case when query is null then format('%s() is null', v_name) else format('%s()', v_name) end, before || ';', made || ';'));
    v_view := to_regclass(v_name);
    perform set_config('freehold.script', script, true), set_config('freehold.query', coalesce(query, ''), true);
    perform freehold._cell_run(cell, format('refresh materialized view %s', v_name));
    perform set_config('freehold.script', '', true), set_config('freehold.query', '', true);
    if to_regclass(v_name) is distinct from v_view then
        raise exception 'code of schema "%" changed what runs it', schema_name using errcode = 'FH303';
    end if;
    -- Concatenated, a long result is a value of its own and no pointer into the view, which goes.
    if query is not null then
        v_result := freehold._cell_run(cell, format('select v.result || $1 from %s as v', v_name), '');
    end if;
    perform freehold._cell_run(cell, format('drop materialized view %1$s; drop function %1$s(); revoke %2$I from %3$I; %4$s',
                                            v_name, owner_role, v_cell, closing));
    perform freehold._membership_assert(array[quote_ident(owner_role)::regrole], v_cell);
    perform freehold._reach_check(schema_name);
    return v_result;
end
$$;

-- As it was called before a script could come with what makes its schema.
drop function if exists freehold._owner_run(integer, name, name, text, text, boolean);
