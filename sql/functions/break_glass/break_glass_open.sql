-- security definer: makes a login through a cell. Touches: break_glass, event, outbox (one row each), tenant (one row, locked; with its
-- operation where a reader is made).
create or replace function freehold.break_glass_open(
    slug text, reason text, ticket text, ttl interval default null, access text default 'read', verifier text default null,
    out id bigint, out state text, out login name, out expires_at timestamptz, out password text
)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_most constant interval := freehold._setting_value('break_glass_max_ttl')::interval;
    v_ttl constant interval := coalesce(ttl, least(freehold._setting_value('break_glass_ttl')::interval, v_most));
    v_now constant timestamptz := freehold._now();
    v_tenant freehold.tenant;
    v_glass freehold.break_glass;
begin
    if not coalesce(reason ~ '\S' and ticket ~ '\S' and octet_length(reason) <= 2000 and octet_length(ticket) <= 200, false) then
        raise exception 'say why, and in which ticket'
            using errcode = 'FH003', detail = 'A reason has 1 to 2000 bytes, a ticket 1 to 200. Whoever reads the audit sees both.';
    end if;
    perform freehold._word_check('access', coalesce(access, ''), 'freehold.break_glass', 'access');
    if v_now + v_ttl <= v_now or v_now + v_ttl > v_now + v_most then
        raise exception 'a login is opened for % at most, not for %', v_most, v_ttl
            using errcode = 'FH003', hint = 'Setting break_glass_max_ttl says how long: select * from freehold.setting_list();';
    end if;
    perform freehold._verifier_check(verifier);
    v_tenant := freehold._tenant_lock(slug);
    perform freehold._break_glass_expire(v_tenant.id);
    insert into freehold.break_glass (tenant_id, slug, person, requested_by, reason, ticket, access, ttl, requested_at, expires_at)
    values (v_tenant.id, v_tenant.slug, left(freehold.actor_current(), 200), session_user, btrim(break_glass_open.reason),
            btrim(break_glass_open.ticket), break_glass_open.access, v_ttl, v_now, v_now + v_most)
    returning * into v_glass;
    if freehold._break_glass_approval(v_tenant) then
        perform freehold._break_glass_record(v_glass, 'requested');
    else
        if verifier is null then
            password := freehold._secret_make();
            verifier := freehold._scram_verifier(password);
        end if;
        v_glass := freehold._break_glass_make(v_tenant, v_glass, verifier);
    end if;
    id := v_glass.id;
    state := v_glass.state;
    login := v_glass.login;
    expires_at := v_glass.expires_at;
end
$$;

comment on function freehold.break_glass_open(text, text, text, interval, text, text) is
    'Gives the caller a login of his own into one tenant, for a time (ttl, by default the setting break_glass_ttl, at most '
    'break_glass_max_ttl), a reason and a ticket: with the rights of the tenant''s reader, which is made where there is none, or with '
    'access => ''write'' of its runtime role; one session at a time, audited under the person''s name. The password is in the result, '
    'once, and kept nowhere; with verifier, a SCRAM-SHA-256 verifier of a password that the client made, none is. Where the tenant''s '
    'settings (break_glass_approval), else the setting of that name, ask for a second person, the state is pending and nothing is '
    'open: break_glass_approve(), then break_glass_claim(). Raises FH003 without reason or ticket or for bad arguments, FH101 for an '
    'unknown slug, FH202 unless the tenant is active, FH303 where a reader could write through functions that PUBLIC may execute.';
