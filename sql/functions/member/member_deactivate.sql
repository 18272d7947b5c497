-- security definer: the tables are the owner's. Touches: membership, event (one row each), tenant (its row is locked).
create or replace function freehold.member_deactivate(slug text, user_id uuid, by_user uuid default null) returns freehold.membership
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant constant freehold.tenant := freehold._tenant_lock(slug);
    v_member freehold.membership := freehold._member_get(v_tenant, user_id);
begin
    perform freehold._member_may(v_tenant, by_user, 'member:write', freehold._permissions_of(v_tenant.id, v_member.role_name));
    if not v_member.active then
        return v_member;
    end if;
    perform freehold._owner_check(v_tenant.id, user_id);
    update freehold.membership as m set active = false, changed_at = freehold._now()
    where m.user_id = member_deactivate.user_id and m.tenant_id = v_tenant.id
    returning * into v_member;
    perform freehold._member_record('member.deactivated', v_tenant.id, v_tenant.slug, jsonb_build_object(
        'user', user_id, 'role', v_member.role_name, 'by_user', by_user));
    return v_member;
end
$$;

comment on function freehold.member_deactivate(text, uuid, uuid) is
    'Keeps a member out of one tenant; the membership is kept for member_activate(). by_user as in member_add(). Raises FH101 for an '
    'unknown slug, FH142 for who is no member, FH241 for the last owner, FH306 when by_user may not.';
