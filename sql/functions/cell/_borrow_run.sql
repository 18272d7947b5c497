-- Runs a statement as a cell that has the rights of some of its tenants' roles for the moment. For what no code of a schema
-- takes part in: that is _owner_run()'s.
create or replace function freehold._borrow_run(cell integer, roles name[], statement text, argument text default null) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_cell constant name := freehold._cell_name(freehold._role('cell_'), cell);
    v_role name;
begin
    foreach v_role in array roles loop
        perform freehold._cell_run(cell, format('grant %I to %I%s', v_role, v_cell, freehold._membership(true, false)));
    end loop;
    perform freehold._cell_run(cell, statement, argument);
    foreach v_role in array roles loop
        -- A role that the statement dropped took its memberships along.
        if to_regrole(quote_ident(v_role)) is not null then
            perform freehold._cell_run(cell, format('revoke %I from %I', v_role, v_cell));
            perform freehold._membership_assert(v_role, v_cell);
        end if;
    end loop;
end
$$;
