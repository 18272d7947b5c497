-- What a sign-up asked for, or the error that it is forgotten.
create or replace function freehold._signup_asked(signup freehold.signup) returns freehold.signup_request
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_request freehold.signup_request;
begin
    select * into v_request from freehold.signup_request as r where r.signup_id = signup.id;
    if not found then
        raise exception 'what sign-up % asked for is forgotten', signup.id
            using errcode = 'FH253', detail = 'The person or the tenant was erased meanwhile.',
                  hint = format('select freehold.signup_undo(%s, ''...'');', signup.id);
    end if;
    return v_request;
end
$$;
