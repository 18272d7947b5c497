-- Locks a user and the tenants that he is a member of; those first, as everybody does who changes members.
-- Touches: tenant, app_user (rows locked), membership (read).
create or replace function freehold._user_tenants_lock(id uuid) returns freehold.app_user
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '5s'
as $$
declare
    v_user freehold.app_user;
    v_tenants uuid[];
begin
    v_tenants := array(
        select t.id from freehold.tenant as t
        where t.id in (select m.tenant_id from freehold.membership as m where m.user_id = _user_tenants_lock.id)
        order by t.id
        for update);
    v_user := freehold._user_lock(id);
    if exists (select from freehold.membership as m where m.user_id = _user_tenants_lock.id and m.tenant_id <> all (v_tenants)) then
        raise exception 'user % is made a member elsewhere just now', id using errcode = 'FH401', hint = 'Try again.';
    end if;
    return v_user;
exception
    when lock_not_available then
        raise exception 'a tenant of user % is busy', id
            using errcode = 'FH401', detail = 'Another operation holds it.', hint = 'Try again.';
end
$$;
