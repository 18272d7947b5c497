-- security definer: the tables are the owner's. Touches: membership, event (one row each), tenant (its row is locked).
create or replace function freehold.member_activate(slug text, user_id uuid, by_user uuid default null) returns freehold.membership
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant constant freehold.tenant := freehold._member_tenant(slug);
    v_member freehold.membership := freehold._member_get(v_tenant, user_id);
begin
    perform freehold._member_may(v_tenant, by_user, 'member:write', freehold._permissions_of(v_tenant.id, v_member.role_name));
    if v_member.active then
        return v_member;
    end if;
    update freehold.membership as m set active = true, changed_at = freehold._now()
    where m.user_id = member_activate.user_id and m.tenant_id = v_tenant.id
    returning * into v_member;
    perform freehold._member_record('member.activated', v_tenant.id, v_tenant.slug, jsonb_build_object(
        'user', user_id, 'role', v_member.role_name, 'by_user', by_user));
    return v_member;
end
$$;

comment on function freehold.member_activate(text, uuid, uuid) is
    'Lets a member in again. by_user as in member_add(). Raises FH101 for an unknown slug, FH142 for who is no member, FH202 for a '
    'tenant that is retired, FH306 when by_user may not.';
