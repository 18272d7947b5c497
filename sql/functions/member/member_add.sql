-- security definer: the tables are the owner's. Touches: membership, event (one row each), tenant, app_user, member_role (rows locked).
create or replace function freehold.member_add(slug text, user_id uuid, role text default 'member', by_user uuid default null)
    returns freehold.membership
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant constant freehold.tenant := freehold._member_tenant(slug);
    v_user constant freehold.app_user := freehold._user_lock(user_id, true);
    v_role constant freehold.member_role := freehold._member_role(v_tenant.id, role);
    v_now constant timestamptz := freehold._now();
    v_member freehold.membership;
begin
    perform freehold._member_may(v_tenant, by_user, 'member:write', v_role.permissions);
    if not v_user.active then
        raise exception 'user % is not active', user_id
            using errcode = 'FH202', hint = format('select freehold.user_activate(%L);', user_id);
    end if;
    select * into v_member from freehold.membership as m
    where m.user_id = member_add.user_id and m.tenant_id = v_tenant.id;
    if found then
        if v_member.active and v_member.role_name = role then
            return v_member;
        end if;
        raise exception 'user % is a member of tenant "%" already', user_id, slug
            using errcode = 'FH244', detail = format('As %s%s.', v_member.role_name,
                                                          case when v_member.active then '' else ', not active' end),
                  hint = case when v_member.active then format('select freehold.member_set_role(%L, %L, %L);', slug, user_id, role)
                         else format('select freehold.member_activate(%L, %L);', slug, user_id) end;
    end if;
    insert into freehold.membership (user_id, tenant_id, role_name, added_at, changed_at)
    values (member_add.user_id, v_tenant.id, role, v_now, v_now)
    returning * into v_member;
    perform freehold._member_record('member.added', v_tenant.id, v_tenant.slug, jsonb_build_object(
        'user', user_id, 'role', role, 'by_user', by_user));
    return v_member;
end
$$;

comment on function freehold.member_add(text, uuid, text, uuid) is
    'Makes a user a member of a tenant in a role; again, it changes nothing. Whether the caller may grant the role is not asked, unless '
    'by_user says for which member he acts: that one needs the permission member:write, and the role may permit nothing that his own '
    'does not. Raises FH101 for an unknown slug, FH141 for an unknown user, FH143 for an unknown role, FH202 for a user who is not '
    'active or a tenant that is retired, FH244 when he is a member in another role or one who is not active, FH306 when by_user may '
    'not.';
