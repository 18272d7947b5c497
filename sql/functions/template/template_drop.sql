-- security definer: drops roles and a schema through a cell. Touches: template and its versions, operation (one row).
create or replace function freehold.template_drop(name text) returns void
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_template constant freehold.template := freehold._template_lock(template_drop.name);
    v_operation bigint := freehold._operation_begin('template_drop', null, template_drop.name);
    v_tenants bigint;
begin
    select count(*) into v_tenants from freehold.tenant as t where t.template = template_drop.name;
    if v_tenants > 0 then
        raise exception 'template "%" has % tenants', name, v_tenants
            using errcode = 'FH205', hint = format('select slug from freehold.tenant_list(template => %L);', name);
    end if;
    select count(*) into v_tenants from freehold.reserve as r where r.template = template_drop.name;
    if v_tenants > 0 then
        raise exception 'template "%" has % ready-made schemas', name, v_tenants
            using errcode = 'FH205', hint = format('call freehold.reserve_fill(%L, 0); drops them.', name);
    end if;
    perform freehold._outside_check(v_template.schema_name, array[v_template.owner_role, v_template.rw_role]);
    perform freehold._schema_drop(v_template.cell, v_template.schema_name, array[v_template.owner_role, v_template.rw_role]);
    delete from freehold.template as t where t.name = template_drop.name;
    perform freehold._operation_end(v_operation);
exception
    when out_of_memory then
        raise exception 'template "%" holds more than one transaction can drop', name
            using errcode = 'FH402', detail = format(
                      'Every object dropped takes a lock until the end; max_locks_per_transaction is %s.',
                      current_setting('max_locks_per_transaction')),
                  hint = format('Drop its tables in parts first (drop table ... cascade), each by '
                                'select freehold.template_apply(%L, ''...''); or raise max_locks_per_transaction.', name);
end
$$;

comment on function freehold.template_drop(text) is
    'Drops a template: schema, roles and frozen versions. Raises FH102 for an unknown one, FH205 while tenants use it or its '
    'reserve is not empty, FH206 when something outside the schema depends on it, FH402 when it holds more objects than the lock '
    'table takes.';
