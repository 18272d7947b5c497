-- security definer: the table is the owner's. Touches: console_session (one row; those that are over go), event (one row), api_key
-- (read).
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
    v_key record;
    v_asked text[] := roles;
    v_role text;
begin
    if kind = 'key' then
        -- What the session may is what the key may. Whoever has no more than its digest, out of a backup, has not the key.
        select * into v_key from freehold.api_key_check(key_digest);
        if not found or v_key.tenant_ids is not null then
            raise exception 'an API key that is none, or is bound to tenants, opens no session' using errcode = 'FH303';
        end if;
        v_asked := v_asked || v_key.roles;
    end if;
    if cardinality(v_asked) > 0 is not true then
        raise exception 'nobody opens a session without a role' using errcode = 'FH303';
    end if;
    foreach v_role in array v_asked loop
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
    'Opens a session of the console. Raises FH303 for a role that the login cannot become, for none, and for a key that is none.';
