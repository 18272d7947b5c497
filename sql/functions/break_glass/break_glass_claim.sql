-- security definer: gives a login its password through a cell. Touches: break_glass, event, outbox (one row each).
create or replace function freehold.break_glass_claim(
    id bigint, verifier text default null, out state text, out login name, out expires_at timestamptz, out password text
)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_glass freehold.break_glass := freehold._break_glass_take(id);
begin
    state := v_glass.state;
    login := v_glass.login;
    expires_at := v_glass.expires_at;
    if state = 'expired' then
        return;
    end if;
    if v_glass.requested_by <> session_user then
        raise exception 'break-glass request % is another person''s', id
            using errcode = 'FH303', detail = format('Login "%s" asked for it, and alone gets its secret.', v_glass.requested_by);
    end if;
    if state = 'pending' then
        raise exception 'break-glass request % is pending', id
            using errcode = 'FH202', hint = format('Another person, in the admin group: select freehold.break_glass_approve(%s);', id);
    end if;
    perform freehold._verifier_check(verifier);
    if verifier is null then
        password := freehold._secret_make();
        verifier := freehold._scram_verifier(password);
    end if;
    perform freehold._cell_run((select t.cell from freehold.tenant as t where t.id = v_glass.tenant_id),
                               format('alter role %I login password %L', v_glass.login, verifier));
    perform freehold._break_glass_record(v_glass, 'claimed');
end
$$;

comment on function freehold.break_glass_claim(bigint, text) is
    'Gives the login of an approved request its password, to whoever asked for it (by login) and to nobody else. Again, it gives '
    'another one: the earlier password ends. verifier as for break_glass_open(). One that is overdue is ended by the call and returned '
    'as expired, without password. Raises FH110 for an unknown number, FH202 unless it is open, FH303 for another login, FH003 for '
    'what is no verifier.';
