-- security definer: the tables are the owner's. Touches: member_role, event (one row each), tenant (its row is locked), membership,
-- invitation (read).
create or replace function freehold.role_drop(name text, slug text default null, by_user uuid default null) returns void
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant freehold.tenant;
    v_role freehold.member_role;
    v_shared freehold.member_role;
begin
    if name = 'owner' then
        raise exception 'the owner''s role permits everything' using errcode = 'FH202', detail = 'It cannot be dropped.';
    end if;
    if slug is null and by_user is not null then
        raise exception 'a member drops roles of his tenant only' using errcode = 'FH306', detail = 'There is no slug.';
    end if;
    if slug is not null then
        v_tenant := freehold._tenant_lock(slug);
    end if;
    select * into v_role from freehold.member_role as r
    where r.name = role_drop.name and r.tenant_id is not distinct from v_tenant.id
    for update;
    if not found then
        raise exception 'no role is called %', coalesce(quote_literal(name), 'null')
            using errcode = 'FH143', detail = case when slug is null then 'Not for all tenants.' else 'Not of this tenant''s own.' end,
                  hint = 'select name, permissions from freehold.role_list(); shows those for all tenants.';
    end if;
    if v_role.tenant_id is not null then
        -- Members who have it fall back to what the name means for all tenants.
        select * into v_shared from freehold.member_role as r where r.name = role_drop.name and r.tenant_id is null;
    end if;
    perform freehold._member_may(v_tenant, by_user, 'role:write', v_role.permissions || coalesce(v_shared.permissions, array[]::text[]));
    if v_shared.name is null and (
        exists (
            select from freehold.membership as m
            where m.role_name = role_drop.name and (v_role.tenant_id is null or m.tenant_id = v_role.tenant_id)
                and (v_role.tenant_id is not null or not exists (
                    select from freehold.member_role as r where r.tenant_id = m.tenant_id and r.name = role_drop.name)))
        or exists (
            select from freehold.invitation as i
            where i.role_name = role_drop.name and (v_role.tenant_id is null or i.tenant_id = v_role.tenant_id)
                and i.email is not null and i.expires_at > freehold._now()
                and (v_role.tenant_id is not null or not exists (
                    select from freehold.member_role as r where r.tenant_id = i.tenant_id and r.name = role_drop.name))))
    then
        raise exception 'members, or invitations, have the role "%"', name
            using errcode = 'FH243', hint = 'select freehold.member_set_role(''...'', ''...'', ''member''); gives them another one.';
    end if;
    delete from freehold.member_role as r where r.name = role_drop.name and r.tenant_id is not distinct from v_role.tenant_id;
    perform freehold._member_record('role.dropped', v_tenant.id, v_tenant.slug, jsonb_build_object('role', name, 'by_user', by_user));
end
$$;

comment on function freehold.role_drop(text, text, uuid) is
    'Takes the definition of a role away, a tenant''s own or, without slug, the one for all tenants. Where a tenant''s own goes, the '
    'one for all holds again. by_user as in role_define(). Raises FH101 for an unknown slug, FH143 for no such definition, FH202 for '
    'the role owner, FH243 while members or open invitations would be left without one, FH306 when by_user may not.';
