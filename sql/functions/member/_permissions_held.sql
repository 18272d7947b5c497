-- What a user may do in a tenant now: the permissions of his role, null where he is no active member. One row of each index.
create or replace function freehold._permissions_held(tenant_id uuid, user_id uuid) returns text[]
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select coalesce(o.permissions, s.permissions)
        from freehold.membership as m
        join freehold.app_user as u on u.id = m.user_id and u.active
        join freehold.tenant as t on t.id = m.tenant_id and t.state = 'active'
        left join freehold.member_role as o on o.tenant_id = m.tenant_id and o.name = m.role_name
        left join freehold.member_role as s on s.tenant_id is null and s.name = m.role_name
        where m.user_id = _permissions_held.user_id and m.tenant_id = _permissions_held.tenant_id and m.active);
end
$$;
