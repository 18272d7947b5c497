-- Takes a runtime role's login away and ends its sessions.
create or replace function freehold._login_close(cell integer, role name) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_cell constant name := freehold._cell_name(freehold._role('cell_'), cell);
begin
    perform freehold._cell_run(cell, format('alter role %I nologin', role));
    if exists (select from pg_stat_activity as a where a.usename = role) then
        perform freehold._cell_run(cell, format('grant %I to %I%s', role, v_cell, freehold._membership(true, false)));
        perform freehold._cell_run(cell,
            'select count(pg_catalog.pg_terminate_backend(a.pid))::text from pg_catalog.pg_stat_activity as a
             where a.usename = $1::name', role::text);
        perform freehold._cell_run(cell, format('revoke %I from %I', role, v_cell));
        perform freehold._membership_assert(role, v_cell);
    end if;
end
$$;
