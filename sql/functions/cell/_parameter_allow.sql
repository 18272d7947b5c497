-- Sees to it that roles of the installation may set a parameter that is a superuser's, where one let cell 0 pass that on.
create or replace function freehold._parameter_allow(parameter text, detail text, variadic roles name[]) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_first constant name := freehold._role('cell_00');
    v_role name;
begin
    foreach v_role in array roles loop
        continue when has_parameter_privilege(v_role, parameter, 'set');
        if not has_parameter_privilege(v_first, parameter, 'set with grant option') then
            raise exception 'this installation may not set %', parameter
                using errcode = 'FH303', detail = _parameter_allow.detail,
                      hint = format('As a superuser: grant set on parameter %s to %I with grant option;', parameter, v_first);
        end if;
        perform freehold._cell_run(0, format('grant set on parameter %s to %I', parameter, v_role));
    end loop;
end
$$;
