-- security definer: the tables are the owner's. Touches: member_role, membership, tenant (read).
drop function if exists freehold.role_list(text);
create or replace function freehold.role_list(slug text default null, by_user uuid default null)
    returns table (name text, own boolean, permissions text[], changed_at timestamptz)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant freehold.tenant;
begin
    if slug is not null then
        v_tenant := freehold.tenant_get(slug);
    end if;
    perform freehold._member_may(v_tenant, by_user, 'role:read', array[]::text[]);
    return query
        select distinct on (r.name) r.name, r.tenant_id is not null, r.permissions, r.changed_at
        from freehold.member_role as r
        where r.tenant_id is null or r.tenant_id = v_tenant.id
        order by r.name, r.tenant_id nulls last;
end
$$;

comment on function freehold.role_list(text, uuid) is
    'The roles that hold in a tenant, own ones marked, or without slug those for all tenants. by_user is the member who asks. Raises '
    'FH101 for an unknown slug, FH306 when he may not.';
