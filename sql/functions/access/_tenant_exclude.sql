-- Shuts a tenant's runtime roles out and ends the sessions that logged in as one. A session of a shared login that is inside
-- at this moment, or one that logged in a moment ago, keeps its role but has no right in the schema any more; the notification
-- tells its pool. A role that somebody dropped is out.
create or replace function freehold._tenant_exclude(tenant freehold.tenant) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_gate constant name := freehold._cell_name(freehold._role('gate_'), tenant.cell);
    v_runtime record;
begin
    perform freehold._schema_admit(tenant, false);
    for v_runtime in
        select r.role, g.oid as id
        from freehold._runtime_roles(tenant) as r
        join pg_roles as g on g.rolname = r.role
    loop
        if exists (select from pg_auth_members as m
                   where m.roleid = v_runtime.id and m.member = to_regrole(quote_ident(v_gate))) then
            perform freehold._cell_run(tenant.cell, format('revoke %I from %I', v_runtime.role, v_gate));
            perform freehold._membership_assert(array[v_runtime.id]::regrole[], v_gate);
        end if;
        perform freehold._login_close(tenant.cell, v_runtime.role);
    end loop;
end
$$;
