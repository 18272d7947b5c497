-- Takes back the user whom a sign-up has made known, unless he is in another tenant by now.
-- Touches: app_user (one row is deleted), membership (read), event (one row).
create or replace function freehold._signup_forget(signup freehold.signup) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_user freehold.app_user;
begin
    select * into v_user from freehold.app_user as u where u.id = signup.user_id for update;
    if not found or exists (select from freehold.membership as m where m.user_id = v_user.id) then
        return;
    end if;
    delete from freehold.app_user as u where u.id = v_user.id;
    perform freehold._event_record('user.erased', null, null, signup.reason, jsonb_build_object('user', v_user.id));
end
$$;
