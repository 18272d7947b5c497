-- Builds one ready-made schema of a template's current version. No gate reaches it: what somebody put in would be the next
-- tenant's.
-- Touches: reserve (one row), template_ddl (read), cell.
create or replace function freehold._reserve_make(template text, version integer) returns freehold.reserve
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_schema constant name := freehold._setting_value('schema_prefix')
        || case freehold._setting_value('naming') when 'opaque' then '' else 'reserve_' end
        || left(replace(gen_random_uuid()::text, '-', ''), 20);
    v_reserve freehold.reserve;
begin
    insert into freehold.reserve (template, version, cell, schema_name, owner_role, rw_role, made_at)
    values (template, version, freehold._cell_pick(), v_schema, v_schema || '_owner', v_schema || '_rw', freehold._now())
    returning * into v_reserve;
    perform freehold._name_free(v_schema, array[v_reserve.owner_role, v_reserve.rw_role]);
    perform freehold._tenant_build(freehold._reserve_tenant(v_reserve), template, version);
    update freehold.reserve as r
    set claim = freehold._reserve_script(v_reserve),
        publications = freehold._publication_list(v_reserve.template, v_reserve.version)
    where r.id = v_reserve.id
    returning * into v_reserve;
    return v_reserve;
end
$$;
