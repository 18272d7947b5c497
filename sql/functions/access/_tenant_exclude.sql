-- Shuts a tenant's runtime roles out and ends the sessions that logged in as one. A session of a shared login that is inside
-- at this moment keeps its role until its transaction ends; the notification tells its pool.
create or replace function freehold._tenant_exclude(tenant freehold.tenant) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_gate constant name := freehold._cell_name(freehold._role('gate_'), tenant.cell);
    v_runtime record;
begin
    for v_runtime in select r.role from freehold._runtime_roles(tenant) as r loop
        if exists (select from pg_auth_members as m
                   where m.roleid = quote_ident(v_runtime.role)::regrole and m.member = quote_ident(v_gate)::regrole) then
            perform freehold._cell_run(tenant.cell, format('revoke %I from %I', v_runtime.role, v_gate));
            perform freehold._membership_assert(v_runtime.role, v_gate);
        end if;
        perform freehold._login_close(tenant.cell, v_runtime.role);
    end loop;
end
$$;
