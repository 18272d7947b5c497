-- Sees to it that the control plane and a cell may set what pgaudit logs, which a superuser let cell 0 pass on.
create or replace function freehold._reads_allow(cell integer) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_first constant name := freehold._role('cell_00');
    v_role name;
begin
    if not exists (select from pg_settings as s where s.name = 'pgaudit.log') then
        raise exception 'pgaudit is not loaded'
            using errcode = 'FH004', hint = 'Install it, set shared_preload_libraries = ''pgaudit'', and restart the server.';
    end if;
    foreach v_role in array array[freehold._role('owner'), freehold._cell_name(freehold._role('cell_'), cell)] loop
        continue when has_parameter_privilege(v_role, 'pgaudit.log', 'set');
        if not has_parameter_privilege(v_first, 'pgaudit.log', 'set with grant option') then
            raise exception 'this installation may not set pgaudit.log'
                using errcode = 'FH303', detail = 'It is a superuser''s to allow.',
                      hint = format('As a superuser: grant set on parameter pgaudit.log to %I with grant option;', v_first);
        end if;
        perform freehold._cell_run(0, format('grant set on parameter pgaudit.log to %I', v_role));
    end loop;
end
$$;
