-- Runs a script as the owner of a tenant's (or template's) schema, with that schema first on the path. With a query, its one
-- text value is returned, read after the script.
-- SET ROLE is refused inside definer functions, and what is made there belongs to the function's owner. So the cell makes
-- a definer function in the schema, gives it to the owner role, calls it, drops it, and gives up its membership.
-- The script, and any code of the schema that it sets off, is not trusted: it must leave the session as it was.
create or replace function freehold._owner_run(
    cell integer, schema_name name, owner_role name, script text, query text default null, all_rows boolean default false
) returns text
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_cell constant name := freehold._cell_name(freehold._role('cell_'), cell);
    v_before constant jsonb := freehold._session_state();
    v_changed text;
    v_result text;
begin
    begin
        perform freehold._cell_run(cell, format('grant %I to %I%s', owner_role, v_cell, freehold._membership(true, true)));
        perform freehold._cell_run(cell, format(
            'create function %1$I._freehold_run(statement text, query text) returns text
                 language plpgsql security definer
                 set search_path = %1$I, pg_catalog, pg_temp set check_function_bodies = off %4$s
             as %2$L;
             alter function %1$I._freehold_run(text, text) owner to %3$I',
            schema_name, freehold._owner_body(quote_ident(schema_name)::regnamespace), owner_role,
            case when all_rows then 'set row_security = off' end));
        v_result := freehold._cell_run(
            cell, format('select %I._freehold_run($1, %L)', schema_name, coalesce(query, '')), script);
        perform freehold._cell_run(cell, format('drop function %I._freehold_run(text, text)', schema_name));
        perform freehold._cell_run(cell, format('revoke %I from %I', owner_role, v_cell));
        perform freehold._membership_assert(owner_role, v_cell);
        select string_agg(b.key, ', ') into v_changed
        from jsonb_each(v_before) as b
        join jsonb_each(freehold._session_state()) as a on a.key = b.key and a.value <> b.value;
        if v_changed is not null then
            raise exception 'code of schema "%" changed the session: %', schema_name, v_changed
                using errcode = 'FH303', detail = 'What it left there would be used with the rights of the caller.',
                      hint = 'Look for SET, set_config, PREPARE, DECLARE and CLOSE in the script and in the schema''s functions.';
        end if;
    exception
        when others or query_canceled then
            perform freehold._session_clean(v_before);
            raise;
    end;
    return v_result;
end
$$;
