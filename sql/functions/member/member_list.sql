-- security definer: the tables are the owner's. Touches: membership, app_user, member_role, tenant (read).
drop function if exists freehold.member_list(text, uuid, integer);
create or replace function freehold.member_list(
    slug text, after uuid default null, max_rows integer default 1000, by_user uuid default null
)
    returns table (user_id uuid, role text, active boolean, user_active boolean, added_at timestamptz, changed_at timestamptz)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant constant freehold.tenant := freehold.tenant_get(slug);
begin
    perform freehold._member_may(v_tenant, by_user, 'member:read', array[]::text[]);
    return query
        select m.user_id, m.role_name, m.active, u.active, m.added_at, m.changed_at
        from freehold.membership as m
        join freehold.app_user as u on u.id = m.user_id
        where m.tenant_id = v_tenant.id and (after is null or m.user_id > after)
        order by m.user_id
        limit max_rows;
end
$$;

comment on function freehold.member_list(text, uuid, integer, uuid) is
    'Who is a member of a tenant, as what, and whether the membership and the user are active: by id, without anything personal, which '
    'user_list(slug => ...) tells admins. Page on with after => the last user_id seen. by_user is the member who asks. Raises FH101 '
    'for an unknown slug, FH306 when he may not.';
