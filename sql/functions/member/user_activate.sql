-- security definer: the table is the owner's. Touches: app_user (one row), event (one row).
create or replace function freehold.user_activate(id uuid) returns freehold.app_user
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_user freehold.app_user := freehold._user_lock(id);
begin
    if v_user.active then
        return v_user;
    end if;
    update freehold.app_user as u set active = true, changed_at = freehold._now()
    where u.id = user_activate.id
    returning * into v_user;
    perform freehold._member_record('user.activated', null, null, jsonb_build_object('user', id));
    return v_user;
end
$$;

comment on function freehold.user_activate(uuid) is
    'Lets a user in again where he is a member. Raises FH141 for an unknown id.';
