-- security definer: the table is the owner's. Touches: console_session (one row; those that are over go), event (one row).
-- Its role may be an application's as well: so nobody opens a session that may more than the login, which is asked of the catalog.
create or replace function freehold._console_session_open(
    digest bytea, actor text, kind text, roles text[], key_digest bytea, issuer text, subject text, lifetime interval
) returns timestamptz
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_now constant timestamptz := freehold._now();
    v_role text;
begin
    foreach v_role in array roles loop
        if (v_role in ('admin', 'auditor', 'worker', 'break_glass', 'analyst')
            and pg_has_role(session_user, freehold._role(v_role), 'member')) is not true
        then
            raise exception 'login "%" opens no session of role %', session_user, quote_nullable(v_role)
                using errcode = 'FH303', detail = 'A session may no more than the login that opens it could become.';
        end if;
    end loop;
    delete from freehold.console_session as s
    where s.digest = any (array(select o.digest from freehold.console_session as o where o.expires_at < v_now
                                order by o.expires_at limit 20 for update skip locked));
    insert into freehold.console_session (digest, actor, kind, roles, key_digest, issuer, subject, opened_at, seen_at, expires_at)
    values (_console_session_open.digest, _console_session_open.actor, _console_session_open.kind, _console_session_open.roles,
            _console_session_open.key_digest, _console_session_open.issuer, _console_session_open.subject, v_now, v_now,
            v_now + lifetime);
    perform set_config('freehold.actor', _console_session_open.actor, true);
    perform freehold._event_record('console_sign_in', null, null, null, jsonb_build_object('kind', kind, 'roles', roles));
    return v_now + lifetime;
end
$$;

comment on function freehold._console_session_open(bytea, text, text, text[], bytea, text, text, interval) is
    'Opens a session of the console. Raises FH303 for a role that the login cannot become.';
