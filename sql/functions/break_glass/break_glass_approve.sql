-- security definer: makes a login through a cell. Touches: break_glass, event, outbox (one row each), tenant (one row, locked).
create or replace function freehold.break_glass_approve(id bigint) returns freehold.break_glass
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant freehold.tenant;
    v_glass freehold.break_glass;
begin
    -- The tenant first, as everything else does.
    v_tenant := (select freehold._tenant_lock(t.slug)
                 from freehold.break_glass as g
                 join freehold.tenant as t on t.id = g.tenant_id and t.state <> 'erased'
                 where g.id = break_glass_approve.id);
    v_glass := freehold._break_glass_take(id);
    if v_glass.state = 'expired' then
        return v_glass;
    end if;
    if v_glass.state <> 'pending' then
        raise exception 'break-glass request % is %', id, v_glass.state
            using errcode = 'FH202',
                detail = coalesce('Login "' || v_glass.approved_by || '" approved it.', 'Nobody approved it, or had to.');
    end if;
    if v_glass.requested_by = session_user then
        raise exception 'nobody approves a request of his own'
            using errcode = 'FH303', detail = format('Login "%s" asked for it; who a client says that it is does not count.', session_user);
    end if;
    v_glass.approved_by := session_user;
    perform freehold._break_glass_record(v_glass, 'approved');
    return freehold._break_glass_make(v_tenant, v_glass, approved_by => session_user);
end
$$;

comment on function freehold.break_glass_approve(bigint) is
    'Approves a request: its login is made, without password, which break_glass_claim() gives to whoever asked. The time begins now. '
    'Another person must do it: compared are the logins of the sessions, not the actors that clients name. One that waited longer than '
    'break_glass_max_ttl is ended by the call and returned as expired. Raises FH110 for an unknown number, FH202 unless it is pending '
    'and the tenant active, FH303 for one''s own.';
