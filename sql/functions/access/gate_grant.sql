-- security definer: only the provisioner of cells may grant a gate. Touches: operation (one row), cell (a row's lock).
create or replace function freehold.gate_grant(login name, cell integer default null) returns void
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._gate_change(login, cell, 'gate_grant');
end
$$;

comment on function freehold.gate_grant(name, integer) is
    'Lets an application''s login reach the runtime roles of a cell by SET LOCAL ROLE or, without one, those of all cells that there are '
    'and will be; it inherits nothing of theirs. A cell bounds what an escape out of the login reaches, and what its first SET ROLE '
    'costs. Raises FH003 for a cell or login that does not exist.';
