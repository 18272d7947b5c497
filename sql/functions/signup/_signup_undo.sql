-- One transaction's worth of taking a sign-up back, its row being locked.
-- Touches: signup (one row), signup_request (one row is deleted), what _signup_erase() and _signup_forget() do.
create or replace function freehold._signup_undo(signup freehold.signup) returns freehold.signup
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if signup.tenant_id is not null and not freehold._signup_erase(signup) then
        return freehold._signup_advance(signup, signup.stage);
    end if;
    if signup.user_made then
        perform freehold._signup_forget(signup);
    end if;
    delete from freehold.signup_request as r where r.signup_id = signup.id;
    update freehold.signup as s
    set state = 'undone', claim = null, due_at = null, attempts = 0, error_code = null, error_message = null,
        stepped_at = freehold._now(), finished_at = freehold._now()
    where s.id = signup.id
    returning * into signup;
    perform freehold._signup_record(signup, 'undone', signup.reason);
    return signup;
end
$$;
