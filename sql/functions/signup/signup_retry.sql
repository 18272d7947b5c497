-- security definer: the table is the owner's. Touches: signup, event (one row each).
create or replace function freehold.signup_retry(id bigint) returns freehold.signup
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_signup freehold.signup := freehold._signup_get(id, locked => true);
begin
    if v_signup.error_code is null then
        raise exception 'sign-up % has not failed', id using errcode = 'FH253', detail = format('It is %s.', v_signup.state);
    end if;
    update freehold.signup as s
    set state = case s.state when 'failed' then 'running' else s.state end, attempts = 0, error_code = null, error_message = null,
        due_at = freehold._now()
    where s.id = v_signup.id
    returning * into v_signup;
    perform freehold._signup_record(v_signup, 'retried');
    return v_signup;
end
$$;

comment on function freehold.signup_retry(bigint) is
    'Has a sign-up tried again that failed, at once and as often as the first time. Raises FH151 for an unknown id, FH253 for one that '
    'has not failed, FH401 when busy.';
