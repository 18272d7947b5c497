-- Whom this session acts as: the role that was set, else the login. A custom setting could be anybody's say; this is not. A
-- login of a tenant's own acts for it whatever else it sets: on 15 it may become the tenants' group. While a tenant is asked by a fleet
-- query, its reader: the session's login would have code of the tenant's told of others.
create or replace function freehold._role_acting() returns name
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_role constant name := nullif(current_setting('role'), 'none');
    v_turn name;
begin
    if pg_current_xact_id_if_assigned() is not null then
        v_turn := (select f.role_name from freehold.fleet_turn as f where f.xid = pg_current_xact_id_if_assigned());
        if v_turn is not null then
            return v_turn;
        end if;
    end if;
    if v_role is null or (freehold._role_tenant(session_user)).id is not null then
        return session_user;
    end if;
    return v_role;
end
$$;
