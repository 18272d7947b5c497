-- Shuts a tenant's runtime role out and ends the sessions that logged in as it. A session of a shared login that is inside
-- at this moment keeps its role until its transaction ends; the notification tells its pool.
create or replace function freehold._tenant_exclude(tenant freehold.tenant) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_cell constant name := freehold._cell_name(freehold._role('cell_'), tenant.cell);
    v_gate constant name := freehold._cell_name(freehold._role('gate_'), tenant.cell);
begin
    if exists (select from pg_auth_members as m
               where m.roleid = quote_ident(tenant.rw_role)::regrole and m.member = quote_ident(v_gate)::regrole) then
        perform freehold._cell_run(tenant.cell, format('revoke %I from %I', tenant.rw_role, v_gate));
        perform freehold._membership_assert(tenant.rw_role, v_gate);
    end if;
    perform freehold._cell_run(tenant.cell, format('alter role %I nologin', tenant.rw_role));
    if exists (select from pg_stat_activity as a where a.usename = tenant.rw_role) then
        perform freehold._cell_run(tenant.cell, format('grant %I to %I%s', tenant.rw_role, v_cell,
                                                       freehold._membership(true, false)));
        perform freehold._cell_run(tenant.cell,
            'select count(pg_catalog.pg_terminate_backend(a.pid))::text from pg_catalog.pg_stat_activity as a
             where a.usename = $1::name', tenant.rw_role::text);
        perform freehold._cell_run(tenant.cell, format('revoke %I from %I', tenant.rw_role, v_cell));
        perform freehold._membership_assert(tenant.rw_role, v_cell);
    end if;
end
$$;
