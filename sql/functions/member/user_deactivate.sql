-- security definer: the tables are the owner's. Touches: app_user (one row), event (one row), tenant (rows are locked).
create or replace function freehold.user_deactivate(id uuid, reason text default null) returns freehold.app_user
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_user freehold.app_user := freehold._user_tenants_lock(id);
begin
    if not v_user.active then
        return v_user;
    end if;
    perform freehold._owner_check(m.tenant_id, m.user_id)
    from freehold.membership as m
    where m.user_id = user_deactivate.id;
    update freehold.app_user as u set active = false, changed_at = freehold._now()
    where u.id = user_deactivate.id
    returning * into v_user;
    perform freehold._member_record('user.deactivated', null, null, jsonb_build_object('user', id), reason);
    return v_user;
end
$$;

comment on function freehold.user_deactivate(uuid, text) is
    'Keeps a user out of all tenants; his memberships are kept for user_activate(). Raises FH003 for a reason that is too long, FH141 '
    'for an unknown id, FH241 while he is the last owner of a tenant, FH401 while something else is at work on one.';
