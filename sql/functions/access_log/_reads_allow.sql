-- Sees to it that the control plane and a cell may set what pgaudit logs, which a superuser let cell 0 pass on.
create or replace function freehold._reads_allow(cell integer) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from pg_settings as s where s.name = 'pgaudit.log') then
        raise exception 'pgaudit is not loaded'
            using errcode = 'FH004', hint = 'Install it, set shared_preload_libraries = ''pgaudit'', and restart the server.';
    end if;
    perform freehold._parameter_allow('pgaudit.log', 'It is a superuser''s to allow.',
                                      freehold._role('owner'), freehold._cell_name(freehold._role('cell_'), cell));
end
$$;
