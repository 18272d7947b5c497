-- The stage owned: whoever signed up is a user, and the tenant's owner. Touches: what user_ensure() and member_add() do, event (read).
create or replace function freehold._signup_own(signup freehold.signup) returns freehold.signup
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_request constant freehold.signup_request := freehold._signup_asked(signup);
    v_tenant constant freehold.tenant := freehold._signup_tenant(signup);
    v_user constant freehold.app_user := freehold.user_ensure(v_request.issuer, v_request.subject, v_request.email);
begin
    perform freehold.member_add(v_tenant.slug, v_user.id, 'owner');
    signup.user_id := v_user.id;
    signup.user_made := exists (
        select from freehold.event as e
        where e.xid = pg_current_xact_id() and e.kind = 'user.created' and e.detail ->> 'user' = v_user.id::text);
    return freehold._signup_advance(signup, 'owned');
end
$$;
