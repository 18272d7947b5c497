-- security definer: the tables are the owner's. Touches: member_role, event (one row each), tenant (its row is locked).
create or replace function freehold.role_define(name text, permissions text[], slug text default null, by_user uuid default null)
    returns freehold.member_role
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_permissions constant text[] := freehold._permissions_check(permissions);
    v_tenant freehold.tenant;
    v_role freehold.member_role;
begin
    if (name ~ '^[a-z][a-z0-9_-]{0,62}$') is not true then
        raise exception 'a role cannot be called %', coalesce(quote_literal(left(name, 100)), 'null')
            using errcode = 'FH003', detail = 'At most 63 of a-z, 0-9, _ and -, beginning with a letter.';
    end if;
    if name = 'owner' then
        raise exception 'the owner''s role permits everything' using errcode = 'FH202', detail = 'It cannot be defined otherwise.';
    end if;
    if slug is null and by_user is not null then
        raise exception 'a member defines roles of his tenant only' using errcode = 'FH306', detail = 'There is no slug.';
    end if;
    if slug is not null then
        v_tenant := freehold._member_tenant(slug);
    end if;
    -- What the role permitted counts as well: taking rights from those who have more is not his.
    perform freehold._member_may(v_tenant, by_user, 'role:write', v_permissions || freehold._permissions_of(v_tenant.id, name));
    insert into freehold.member_role as r (tenant_id, name, permissions, changed_at)
    values (v_tenant.id, role_define.name, v_permissions, freehold._now())
    on conflict do nothing;
    update freehold.member_role as r set permissions = v_permissions, changed_at = freehold._now()
    where r.name = role_define.name and r.tenant_id is not distinct from v_tenant.id
    returning * into v_role;
    perform freehold._member_record('role.defined', v_tenant.id, v_tenant.slug, jsonb_build_object(
        'role', name, 'permissions', to_jsonb(v_permissions), 'by_user', by_user));
    return v_role;
end
$$;

comment on function freehold.role_define(text, text[], text, uuid) is
    'Says what a role permits, in one tenant or, without slug, in all that do not define it themselves; again, it replaces what was '
    'said. A permission is a name resource:verb of the application''s or freehold''s own (tenant, member, invitation, role, audit, '
    'data), or * for every one. With by_user, that member needs the permission role:write, and what the role permits and did permit '
    'must be his. Raises FH003 for a bad name, FH101 for an unknown slug, FH202 for the role owner, or a tenant that is retired, FH306 '
    'when by_user may not.';
