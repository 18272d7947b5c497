-- security definer: the table is the owner's. Touches: console_session (one row), api_key (read). A transaction that only reads changes
-- nothing: what a page asks by itself keeps no session open.
create or replace function freehold._console_session_use(
    digest bytea, idle interval,
    out actor text, out kind text, out roles text[], out key_id text, out issuer text, out subject text, out expires_at timestamptz
)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_now constant timestamptz := freehold._now();
    v_looks constant boolean := current_setting('transaction_read_only')::boolean;
    v_session freehold.console_session;
    v_key record;
begin
    select * into v_session from freehold.console_session as s
    where s.digest = _console_session_use.digest and s.expires_at > v_now and s.seen_at > v_now - idle;
    if not found then
        return;
    end if;
    if v_session.kind = 'key' then
        -- What the key may now; and a key that is bound to tenants has no place here.
        select * into v_key from freehold.api_key_check(v_session.key_digest);
        if not found or v_key.tenant_ids is not null then
            if not v_looks then
                delete from freehold.console_session as s where s.digest = v_session.digest;
            end if;
            return;
        end if;
        v_session.roles := v_key.roles;
        key_id := v_key.id::text;
    end if;
    actor := v_session.actor;
    kind := v_session.kind;
    roles := v_session.roles;
    issuer := v_session.issuer;
    subject := v_session.subject;
    expires_at := v_session.expires_at;
    if not v_looks and v_session.seen_at < v_now - interval '1 minute' then
        update freehold.console_session as s set seen_at = v_now where s.digest = v_session.digest;
    end if;
end
$$;

comment on function freehold._console_session_use(bytea, interval) is
    'Whose session of the console it is, and what he may; nothing but nulls where it is over, was not used for so long, or its key is no '
    'more good. In a transaction that only reads the session is not used by that.';
