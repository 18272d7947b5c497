-- security definer: only the provisioner of cells may revoke a gate. Touches: operation (one row), cell (a row's lock).
create or replace function freehold.gate_revoke(login name, cell integer default null) returns void
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._gate_change(login, cell, 'gate_revoke');
end
$$;

comment on function freehold.gate_revoke(name, integer) is
    'Takes a cell''s gate back from a login or, without a cell, every gate. Raises FH003 for a cell or login that does not exist, FH202 '
    'for one cell of a login that was given all, FH501 when another grantor''s membership is left.';
