-- Gives runtime roles the limits of their tenant: of these names, of all where none is given. A cell may set temp_file_limit
-- where a superuser let cell 0 pass that on.
create or replace function freehold._limit_apply(tenant freehold.tenant, roles name[], names text[] default null) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_script constant text := (select string_agg(freehold._limit_script(tenant, r.role, names), '; ') from unnest(roles) as r (role));
begin
    if v_script is null then
        return;
    end if;
    if 'temp_file_limit' = any (coalesce(names, array(select jsonb_object_keys(tenant.limits)))) then
        perform freehold._parameter_allow('temp_file_limit', 'It is a superuser''s to allow: no tenant can then lift it.',
                                          freehold._cell_name(freehold._role('cell_'), tenant.cell));
    end if;
    perform freehold._cell_run(tenant.cell, v_script);
end
$$;
