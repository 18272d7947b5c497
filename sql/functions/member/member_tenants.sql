-- security definer: asks the tables for those who may not. Touches: app_user, membership, tenant (read).
create or replace function freehold.member_tenants(user_id uuid default null, issuer text default null, subject text default null)
    returns table (tenant_id uuid, slug text, display_name text, role text, member_id uuid)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_user constant uuid := freehold._user_find(user_id, issuer, subject);
begin
    return query
        select t.id, t.slug, t.display_name, m.role_name, m.user_id
        from freehold.membership as m
        join freehold.tenant as t on t.id = m.tenant_id and t.state = 'active'
        where m.user_id = v_user and m.active
        order by t.slug;
end
$$;

comment on function freehold.member_tenants(uuid, text, text) is
    'The tenants that a user may choose from: active ones that he is an active member of, while he is active himself. He is named by '
    'id, or by issuer and subject of his token; member_id is his id. None where he is not known or in no tenant: then refuse him.';
