-- security definer: asks the tables for those who may not. Touches: tenant, membership, app_user, member_role (read).
create or replace function freehold.permission_check(slug text, user_id uuid, permission text) returns boolean
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_tenant uuid;
begin
    select t.id into v_tenant from freehold.tenant as t where t.slug = permission_check.slug and t.state <> 'erased';
    return permission is not null and freehold._permissions_within(array[permission], freehold._permissions_held(v_tenant, user_id));
end
$$;

comment on function freehold.permission_check(text, uuid, text) is
    'Whether a user may do something in a tenant: whether his role there has the permission. False for whatever is unknown, and while '
    'the user, the membership or the tenant is not active.';
