-- Runs statements as a cell that has the rights of some of its tenants' roles for the moment, and the closing ones when it has
-- given them back. For what no code of a schema takes part in: that is _owner_run()'s.
create or replace function freehold._borrow_run(cell integer, roles regrole[], script text, closing text default null) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._cell_run(cell, freehold._borrow_script(cell, roles, script, closing));
    perform freehold._membership_assert(roles, freehold._cell_name(freehold._role('cell_'), cell));
end
$$;
