-- security definer: takes a login away through a cell. Touches: break_glass, event, outbox (one row each).
create or replace function freehold.break_glass_close(id bigint, reason text default null) returns freehold.break_glass
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_glass freehold.break_glass := freehold._break_glass_take(id);
begin
    if v_glass.requested_by <> session_user and not pg_has_role(session_user, freehold._role('admin'), 'member') then
        raise exception 'break-glass request % is another person''s', id
            using errcode = 'FH303', detail = format('Login "%s" asked for it; that one closes it, or an admin.', v_glass.requested_by);
    end if;
    if v_glass.state = 'expired' then
        return v_glass;
    end if;
    return freehold._break_glass_shut(v_glass, 'closed', reason);
end
$$;

comment on function freehold.break_glass_close(bigint, text) is
    'Ends a login, or withdraws a request: whoever asked for it may, and an admin. It can no longer log in, has no right any more, and '
    'its session is ended; the role goes with the next break_glass_expire(). Raises FH003 for a reason that is too long, FH110 for an '
    'unknown number, FH202 for one that is over, FH303 for another person''s.';
