-- Gives runtime roles the limits of their tenant: of these names, of all where none is given. A cell may set temp_file_limit
-- where a superuser let cell 0 pass that on.
create or replace function freehold._limit_apply(tenant freehold.tenant, roles name[], names text[] default null) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_first constant name := freehold._role('cell_00');
    v_cell constant name := freehold._cell_name(freehold._role('cell_'), tenant.cell);
    v_script constant text := (select string_agg(freehold._limit_script(tenant, r.role, names), '; ') from unnest(roles) as r (role));
begin
    if v_script is null then
        return;
    end if;
    if 'temp_file_limit' = any (coalesce(names, array(select jsonb_object_keys(tenant.limits))))
        and not has_parameter_privilege(v_cell, 'temp_file_limit', 'set')
    then
        if not has_parameter_privilege(v_first, 'temp_file_limit', 'set with grant option') then
            raise exception 'this installation may not set temp_file_limit'
                using errcode = 'FH303', detail = 'It is a superuser''s to allow: no tenant can then lift it.',
                      hint = format('As a superuser: grant set on parameter temp_file_limit to %I with grant option;', v_first);
        end if;
        perform freehold._cell_run(0, format('grant set on parameter temp_file_limit to %I', v_cell));
    end if;
    perform freehold._cell_run(tenant.cell, v_script);
end
$$;
