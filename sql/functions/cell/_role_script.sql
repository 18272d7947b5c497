-- What makes the two roles of a tenant, as its cell. Nobody is a member.
create or replace function freehold._role_script(home freehold.tenant) returns text
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    return format('create role %I nologin; create role %I nologin', home.owner_role, home.rw_role);
end
$$;
