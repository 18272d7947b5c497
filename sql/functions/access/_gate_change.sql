create or replace function freehold._gate_change(login name, cell integer, statement text) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_gate name;
    v_operation bigint;
begin
    select c.gate_name into v_gate from freehold.cell as c where c.number = cell;
    if not found then
        raise exception 'there is no cell %', cell
            using errcode = 'FH003', detail = format('The newest is cell %s.', (select max(c.number) from freehold.cell as c));
    end if;
    if not exists (select from pg_roles as r where r.rolname = _gate_change.login and r.rolcanlogin)
        or starts_with(_gate_change.login, freehold._role('')) or exists (
            select from freehold.tenant as t where _gate_change.login = any (freehold._tenant_roles(t)) and t.state <> 'erased')
    then
        raise exception 'role "%" cannot pass a gate', login
            using errcode = 'FH003', hint = 'Name the login role of an application that exists.';
    end if;
    v_operation := freehold._operation_begin(statement, null, null, jsonb_build_object('login', login, 'cell', cell));
    -- The login inherits the gate, that is CONNECT; the gate inherits nothing of the tenants'. On 15 a login with NOINHERIT
    -- needs CONNECT of its own.
    perform freehold._cell_run(0, format(
        case statement when 'gate_grant' then 'grant %I to %I%s' else 'revoke %I from %I' end,
        v_gate, login, freehold._membership(true, true)));
    perform freehold._operation_end(v_operation);
end
$$;
