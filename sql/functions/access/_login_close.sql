-- Takes a runtime role's login away and ends its sessions.
create or replace function freehold._login_close(cell integer, role name) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._cell_run(cell, format('alter role %I nologin', role));
    if exists (select from pg_stat_activity as a where a.usename = role) then
        perform freehold._borrow_run(cell, array[quote_ident(role)::regrole], format(
            'select pg_catalog.pg_terminate_backend(a.pid) from pg_catalog.pg_stat_activity as a where a.usename = %L', role));
    end if;
end
$$;
