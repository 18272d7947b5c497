-- security definer: the tables are the owner's. Touches: membership, event (one row each), tenant, member_role (rows are locked).
create or replace function freehold.member_set_role(slug text, user_id uuid, role text, by_user uuid default null)
    returns freehold.membership
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant constant freehold.tenant := freehold._member_tenant(slug);
    v_member freehold.membership := freehold._member_get(v_tenant, user_id);
    v_role constant freehold.member_role := freehold._member_role(v_tenant.id, role);
    v_old constant text := v_member.role_name;
begin
    perform freehold._member_may(v_tenant, by_user, 'member:write',
                                 v_role.permissions || freehold._permissions_of(v_tenant.id, v_old));
    if v_old = role then
        return v_member;
    end if;
    perform freehold._owner_check(v_tenant.id, user_id);
    update freehold.membership as m set role_name = role, changed_at = freehold._now()
    where m.user_id = member_set_role.user_id and m.tenant_id = v_tenant.id
    returning * into v_member;
    perform freehold._member_record('member.role_set', v_tenant.id, v_tenant.slug, jsonb_build_object(
        'user', user_id, 'role', role, 'old', v_old, 'by_user', by_user));
    return v_member;
end
$$;

comment on function freehold.member_set_role(text, uuid, text, uuid) is
    'Gives a member another role. by_user as in member_add(), and for the role that he has as for the one that he gets. Raises FH101 '
    'for an unknown slug, FH142 for who is no member, FH143 for an unknown role, FH202 for a tenant that is retired, FH241 for the last '
    'owner, FH306 when by_user may not.';
