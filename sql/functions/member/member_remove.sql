-- security definer: the tables are the owner's. Touches: membership, event (one row each), tenant (its row is locked).
create or replace function freehold.member_remove(slug text, user_id uuid, by_user uuid default null) returns void
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant constant freehold.tenant := freehold._tenant_lock(slug);
    v_member constant freehold.membership := freehold._member_get(v_tenant, user_id);
begin
    -- Whoever leaves needs nobody's leave.
    if by_user is distinct from user_id then
        perform freehold._member_may(v_tenant, by_user, 'member:write', freehold._permissions_of(v_tenant.id, v_member.role_name));
    end if;
    perform freehold._owner_check(v_tenant.id, user_id);
    delete from freehold.membership as m where m.user_id = member_remove.user_id and m.tenant_id = v_tenant.id;
    perform freehold._member_record('member.removed', v_tenant.id, v_tenant.slug, jsonb_build_object(
        'user', user_id, 'role', v_member.role_name, 'by_user', by_user));
end
$$;

comment on function freehold.member_remove(text, uuid, uuid) is
    'Ends a membership. by_user as in member_add(); whoever leaves by himself needs no permission. Raises FH101 for an unknown slug, '
    'FH142 for who is no member, FH241 for the last owner, FH306 when by_user may not.';
