-- security definer: tenants' roles ask it of their own session. Touches: break_glass (read).
-- Who is behind this session's login, where that was made by break_glass_open(); null for any other, and for another's. Where a client
-- named somebody else than its login, both: it could name anybody.
create or replace function freehold._break_glass_person(login name) returns text
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    if login is distinct from session_user or login !~ '_bg_[0-9a-f]{20}$' then
        return null;
    end if;
    return (select case g.person when g.requested_by then g.person else format('%s via %s', g.person, g.requested_by) end
            from freehold.break_glass as g
            where g.login = _break_glass_person.login);
end
$$;
