-- What a role permits in a tenant; nothing where it is not defined any more.
create or replace function freehold._permissions_of(tenant_id uuid, role text) returns text[]
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        (select r.permissions from freehold.member_role as r where r.tenant_id = _permissions_of.tenant_id and r.name = role),
        (select r.permissions from freehold.member_role as r where r.tenant_id is null and r.name = role),
        array[]::text[])
$$;
