-- security definer: asks the tables for those who may not. Touches: tenant, membership, app_user, member_role (read).
create or replace function freehold.permission_require(slug text, user_id uuid, permission text) returns void
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    if not freehold.permission_check(slug, user_id, permission) then
        raise exception 'user % may not do that in tenant %', coalesce(user_id::text, 'null'), coalesce(quote_ident(slug), 'null')
            using errcode = 'FH306', detail = format('It takes the permission %s.', coalesce(permission, 'null'));
    end if;
end
$$;

comment on function freehold.permission_require(text, uuid, text) is
    'permission_check() as an error: raises FH306 where that is false, whatever the cause.';
