-- security definer: erases a tenant, which no caller can. Touches: signup, event (one row each), what taking it back does.
create or replace function freehold.signup_undo(id bigint, reason text) returns freehold.signup
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_signup freehold.signup;
begin
    if coalesce(btrim(reason), '') = '' then
        raise exception 'taking a sign-up back needs a reason'
            using errcode = 'FH003', detail = 'It is kept: it should name nobody.',
                  hint = format('select freehold.signup_undo(%s, ''...'');', id);
    end if;
    v_signup := freehold._signup_get(id, locked => true);
    if v_signup.state = 'ready' then
        raise exception 'sign-up % is ready', id
            using errcode = 'FH253', detail = format('Tenant "%s" is in service.', v_signup.slug),
                  hint = format('select freehold.tenant_retire(%L); ends it.',
                                (select t.slug from freehold.tenant as t where t.id = v_signup.tenant_id));
    end if;
    if v_signup.state in ('running', 'failed') then
        update freehold.signup as s
        set state = 'undoing', reason = signup_undo.reason, attempts = 0, error_code = null, error_message = null, due_at = freehold._now()
        where s.id = v_signup.id
        returning * into v_signup;
        perform freehold._signup_record(v_signup, 'undoing', reason);
    end if;
    return freehold._signup_step(v_signup);
end
$$;

comment on function freehold.signup_undo(bigint, text) is
    'Takes a sign-up back that is not ready: the tenant is erased with its members, the user forgotten unless he was known before or '
    'is in another tenant, the slug free. What is too large for one transaction leaves the state undoing, and signup_work(), '
    'signup_step() or the same call goes on. Raises FH003 without a reason, FH151 for an unknown id, FH206 when something outside '
    'depends on the tenant''s schema, FH221 under a legal hold, FH253 for one that is ready, FH401 when busy.';
