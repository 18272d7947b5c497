-- The definition of a role that holds in a tenant: its own, else the one for all. Locked, so that it is not dropped meanwhile.
create or replace function freehold._member_role(tenant_id uuid, name text) returns freehold.member_role
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_role freehold.member_role;
begin
    select * into v_role from freehold.member_role as r
    where r.tenant_id = _member_role.tenant_id and r.name = _member_role.name
    for share;
    if not found then
        select * into v_role from freehold.member_role as r
        where r.tenant_id is null and r.name = _member_role.name
        for share;
    end if;
    if not found then
        raise exception 'no role is called %', coalesce(quote_literal(name), 'null')
            using errcode = 'FH143', hint = 'select name, permissions from freehold.role_list(); shows those for all tenants.';
    end if;
    return v_role;
end
$$;
