-- A membership, locked, or the error.
create or replace function freehold._member_get(tenant freehold.tenant, user_id uuid) returns freehold.membership
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_member freehold.membership;
begin
    select * into v_member from freehold.membership as m
    where m.user_id = _member_get.user_id and m.tenant_id = tenant.id
    for update;
    if not found then
        raise exception 'user % is no member of tenant "%"', coalesce(user_id::text, 'null'), tenant.slug
            using errcode = 'FH142', hint = format('select * from freehold.member_list(%L); shows who is.', tenant.slug);
    end if;
    return v_member;
end
$$;
