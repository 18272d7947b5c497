-- Refuses to take the last owner away. Of a tenant that is out of service for good the last one may go. The tenant's row is locked;
-- the other owners' rows are as well, so that a transaction that sees an older state fails instead of counting on what is gone.
create or replace function freehold._owner_check(tenant_id uuid, user_id uuid) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_slug text;
begin
    select t.slug into v_slug from freehold.tenant as t
    where t.id = _owner_check.tenant_id and t.state in ('provisioning', 'active', 'suspended');
    if not found or not exists (
        select from freehold.membership as m
        join freehold.app_user as u on u.id = m.user_id
        where m.tenant_id = _owner_check.tenant_id and m.user_id = _owner_check.user_id
            and m.role_name = 'owner' and m.active and u.active)
    then
        return;
    end if;
    perform from freehold.membership as m
    join freehold.app_user as u on u.id = m.user_id
    where m.tenant_id = _owner_check.tenant_id and m.user_id <> _owner_check.user_id
        and m.role_name = 'owner' and m.active and u.active
    for share of m, u;
    if not found then
        raise exception 'user % is the last owner of tenant "%"', user_id, v_slug
            using errcode = 'FH241', hint = format('Make somebody else one first: select freehold.member_set_role(%L, ''...'', ''owner'');',
                                                   v_slug);
    end if;
end
$$;
