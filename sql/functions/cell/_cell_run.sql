-- Runs a statement as a cell's provisioner, through the one definer function that belongs to it. With an argument the
-- statement is a query over $1 and its value is returned.
create or replace function freehold._cell_run(cell integer, statement text, argument text default null) returns text
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_result text;
begin
    execute format('select freehold.%I($1, $2)', freehold._cell_name('_cell_', cell))
        into v_result using statement, argument;
    return v_result;
end
$$;
