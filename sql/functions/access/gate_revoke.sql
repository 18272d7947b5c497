-- security definer: only the provisioner of cells may revoke a gate. Touches: operation (one row).
create or replace function freehold.gate_revoke(login name, cell integer default 1) returns void
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_gate constant name := (select c.gate_name from freehold.cell as c where c.number = cell);
begin
    perform freehold._gate_change(login, cell, 'gate_revoke');
    perform freehold._membership_assert(array[quote_ident(v_gate)::regrole], login);
end
$$;

comment on function freehold.gate_revoke(name, integer) is
    'Takes a cell''s gate back from a login. Raises FH003 for a cell or login that does not exist, FH501 when another grantor''s '
    'membership is left.';
