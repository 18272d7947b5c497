-- The first of two steps to an end: login, password and membership go, and sessions are told to end. The role stays, with no right, for
-- _break_glass_sweep(): a session that came in while this was not committed could no longer be ended if its role were gone.
-- What another grantor gave the login goes with the role. The row is locked. Touches: break_glass (one row).
create or replace function freehold._break_glass_shut(glass freehold.break_glass, state text, reason text default null)
    returns freehold.break_glass
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_cell constant integer := (select t.cell from freehold.tenant as t where t.id = glass.tenant_id);
    v_role constant oid := to_regrole(quote_ident(glass.login));
    v_granted text;
begin
    if v_role is not null then
        perform freehold._cell_run(v_cell, format('alter role %I nologin password null', glass.login));
        select string_agg(m.roleid::regrole::text, ', ') into v_granted
        from pg_auth_members as m
        where m.member = v_role and m.grantor = quote_ident(freehold._cell_name(freehold._role('cell_'), v_cell))::regrole;
        if v_granted is not null then
            perform freehold._cell_run(v_cell, format('revoke %s from %I', v_granted, glass.login));
        end if;
        perform pg_stat_clear_snapshot();
        perform freehold._login_close(v_cell, glass.login);
    end if;
    update freehold.break_glass as g
    set state = _break_glass_shut.state, closed_at = freehold._now(), closed_xid = pg_current_xact_id(),
        close_reason = _break_glass_shut.reason,
        closed_by = case when _break_glass_shut.state <> 'expired' then session_user end,
        removed_at = case when v_role is null and g.login is not null then freehold._now() end, failure = null
    where g.id = glass.id
    returning * into glass;
    perform freehold._break_glass_record(glass, glass.state, reason);
    return glass;
end
$$;
