-- security definer: the table is the owner's. Touches: member_role, tenant (read).
create or replace function freehold.role_list(slug text default null)
    returns table (name text, own boolean, permissions text[], changed_at timestamptz)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant uuid;
begin
    if slug is not null then
        v_tenant := (freehold.tenant_get(slug)).id;
    end if;
    return query
        select distinct on (r.name) r.name, r.tenant_id is not null, r.permissions, r.changed_at
        from freehold.member_role as r
        where r.tenant_id is null or r.tenant_id = v_tenant
        order by r.name, r.tenant_id nulls last;
end
$$;

comment on function freehold.role_list(text) is
    'The roles that hold in a tenant, own ones marked, or without slug those for all tenants. Raises FH101 for an unknown slug.';
