-- Makes a login a member of one cell's gate, or of the group that passes every gate, those of cells to come too (no cell); or takes
-- that back, all of it where no cell is named. Locks: the first cell's row, so that two changes come one after the other.
create or replace function freehold._gate_change(login name, cell integer, statement text) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_all constant name := freehold._role('gates');
    v_gates name[];
    v_passed name[];
    v_operation bigint;
begin
    perform from freehold.cell as c order by c.number limit 1 for no key update;
    select array_agg(c.gate_name) into v_gates from freehold.cell as c where c.number = _gate_change.cell or _gate_change.cell is null;
    if v_gates is null then
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
    -- ADMIN alone, which whoever installed has on what he made, passes nothing.
    v_passed := array(
        select r.rolname
        from pg_auth_members as m
        join pg_roles as r on r.oid = m.roleid
        where m.member = quote_ident(_gate_change.login)::regrole and r.rolname = any (v_gates || v_all)
            and not to_jsonb(m) @> '{"inherit_option": false, "set_option": false}');
    if statement = 'gate_revoke' and cell is not null and v_all = any (v_passed) then
        raise exception 'login "%" passes all gates', login
            using errcode = 'FH202', detail = format('Without the gate of cell %s of its own it would reach that cell still.', cell),
                  hint = format('select freehold.gate_revoke(%1$L); takes back all. Then, for each cell that it is to keep: '
                                'select freehold.gate_grant(%1$L, cell => ...);', login);
    end if;
    if statement = 'gate_grant' and cell is not null and v_all = any (v_passed) then
        raise notice 'login "%" passes all gates: that of cell % adds nothing', login, cell
            using hint = format('To leave it few cells: select freehold.gate_revoke(%L); takes back all.', login);
    end if;
    v_operation := freehold._operation_begin(
        statement, null, null, jsonb_build_object('login', login, 'cell', coalesce(to_jsonb(cell), '"all"')));
    -- The login inherits the gate, that is CONNECT; the gate inherits nothing of the tenants'. On 15 a login with NOINHERIT
    -- needs CONNECT of its own.
    if statement = 'gate_grant' then
        perform freehold._cell_run(0, format('grant %I to %I%s', case when cell is null then v_all else v_gates[1] end, login,
                                             freehold._membership(true, true)));
    else
        perform freehold._cell_run(0, format('revoke %I from %I', p.gate, login)) from unnest(v_passed) as p (gate);
        perform freehold._membership_assert(array(select r.oid::regrole from pg_roles as r where r.rolname = any (v_gates || v_all)),
                                             login);
        -- By a group of somebody else's, or by what was granted since this transaction's snapshot. A superuser is anything.
        v_passed := array(
            select g.gate
            from unnest(v_gates) as g (gate)
            join pg_roles as r on r.rolname = _gate_change.login and not r.rolsuper
            cross join (values (case when current_setting('server_version_num')::integer < 160000 then 'member' else 'set' end)) as p (sets)
            where pg_has_role(r.rolname, g.gate, 'usage') or pg_has_role(r.rolname, g.gate, p.sets));
        if v_passed <> '{}' then
            raise exception 'login "%" still passes %', login, v_passed[1]
                using errcode = 'FH501', detail = 'It is a member of a role that passes it, or was let in again this moment.',
                      hint = 'freehold doctor shows who is a member of a gate; revoke that membership as who granted it, and try again.';
        end if;
    end if;
    perform freehold._operation_end(v_operation);
end
$$;
