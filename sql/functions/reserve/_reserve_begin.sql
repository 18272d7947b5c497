-- Begins a ready-made schema of a template's current version; one that is small is finished by that. No gate reaches it: what somebody
-- put in would be the next tenant's.
-- Touches: reserve, operation (a new row each), operation_script, template_ddl (read), cell.
create or replace function freehold._reserve_begin(template text, version integer) returns freehold.operation
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_schema constant name := freehold._setting_value('schema_prefix')
        || case freehold._setting_value('naming') when 'opaque' then '' else 'reserve_' end
        || left(replace(gen_random_uuid()::text, '-', ''), 20);
    v_operation bigint := freehold._operation_begin('reserve_make', null, template, jsonb_build_object(
        'schema_name', v_schema, 'version', version));
    v_reserve freehold.reserve;
    v_home freehold.tenant;
    v_batches text[];
begin
    insert into freehold.reserve (template, version, cell, schema_name, owner_role, rw_role, made_at, operation_id)
    values (template, version, freehold._cell_pick(), v_schema, v_schema || '_owner', v_schema || '_rw', freehold._now(), v_operation)
    returning * into v_reserve;
    perform freehold._name_free(v_schema, array[v_reserve.owner_role, v_reserve.rw_role]);
    v_home := freehold._reserve_tenant(v_reserve);
    v_batches := array(select b from freehold._reserve_batch(template, version, v_reserve) as b);
    if cardinality(v_batches) = 1 then
        perform freehold._tenant_build(v_home, template, version);
        return freehold._reserve_ready(v_reserve);
    end if;
    perform freehold._schema_create(v_home);
    perform freehold._group_join(v_home.cell, v_home.owner_role, v_home.rw_role);
    return freehold._script_keep(v_operation, array_fill('build'::text, array[cardinality(v_batches)]), v_batches);
end
$$;
