-- What _borrow_run() has run.
create or replace function freehold._borrow_script(cell integer, roles regrole[], script text, closing text) returns text
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_cell constant name := freehold._cell_name(freehold._role('cell_'), cell);
    v_roles constant text := array_to_string(roles, ', ');
begin
    return concat_ws('; ', format('grant %s to %I%s', v_roles, v_cell, freehold._membership(true, true)), script,
                     format('revoke %s from %I', v_roles, v_cell), closing);
end
$$;
