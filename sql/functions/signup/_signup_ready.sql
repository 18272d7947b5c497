-- The stage ready: what was asked for is done, and not kept. Touches: signup_request (one row is deleted).
create or replace function freehold._signup_ready(signup freehold.signup) returns freehold.signup
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._signup_tenant(signup);
    delete from freehold.signup_request as r where r.signup_id = signup.id;
    signup.state := 'ready';
    signup.finished_at := freehold._now();
    return freehold._signup_advance(signup, 'ready');
end
$$;
