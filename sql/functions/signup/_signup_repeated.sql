-- The sign-up that the same caller began with the same key, if any; with other arguments the key is refused.
create or replace function freehold._signup_repeated(idempotency_key text, arguments jsonb) returns freehold.signup
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_signup freehold.signup;
begin
    select * into v_signup from freehold.signup as s
    where s.requested_by = freehold.actor_current() and s.idempotency_key = _signup_repeated.idempotency_key;
    if found and v_signup.digest <> freehold._signup_digest(substr(v_signup.digest, 1, 16), arguments) then
        raise exception 'the idempotency key was used for something else'
            using errcode = 'FH251', detail = format('It began sign-up %s, with other arguments.', v_signup.id),
                  hint = 'A key is for one request and its repetitions.';
    end if;
    return v_signup;
end
$$;
