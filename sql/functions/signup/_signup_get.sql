-- A sign-up, locked where something is about to be done to it.
create or replace function freehold._signup_get(id bigint, locked boolean default false) returns freehold.signup
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '5s'
as $$
declare
    v_signup freehold.signup;
begin
    if locked then
        select * into v_signup from freehold.signup as s where s.id = _signup_get.id for update;
    else
        select * into v_signup from freehold.signup as s where s.id = _signup_get.id;
    end if;
    if not found then
        raise exception 'no sign-up has the id %', coalesce(id::text, 'null')
            using errcode = 'FH151', hint = 'select id, slug, stage, state from freehold.signup_list(); shows them.';
    end if;
    return v_signup;
exception
    when lock_not_available then
        raise exception 'sign-up % is busy', id
            using errcode = 'FH401', detail = 'Somebody else is at its next stage.', hint = 'Try again.';
end
$$;
