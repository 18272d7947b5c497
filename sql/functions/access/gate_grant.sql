-- security definer: only the provisioner of cells may grant a gate. Touches: operation (one row).
create or replace function freehold.gate_grant(login name, cell integer default 1) returns void
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._gate_change(login, cell, 'gate_grant');
end
$$;

comment on function freehold.gate_grant(name, integer) is
    'Lets an application''s login reach the runtime roles of a cell by SET LOCAL ROLE; it inherits nothing of theirs. Raises FH003 '
    'for a cell or login that does not exist.';
