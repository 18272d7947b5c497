-- security definer: drops roles and a schema through a cell. Touches: template and its versions, operation (one row).
create or replace function freehold.template_drop_step(name text) returns freehold.operation
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_operation constant freehold.operation := freehold._operation_open(template_drop_step.name, 'template_drop');
    v_template freehold.template;
begin
    if v_operation.id is not null then
        return freehold.operation_step(v_operation.id);
    end if;
    v_template := freehold._template_lock(template_drop_step.name);
    perform freehold._template_unused(v_template.name);
    return freehold._template_erase(v_template, null);
end
$$;

comment on function freehold.template_drop_step(text) is
    'One transaction''s worth of dropping a template, for clients that cannot CALL outside a transaction: call it until the operation '
    'it returns is no longer running. From the first on nothing can be built from the template. Raises FH102 for an unknown one, '
    'FH202 for one that is being adopted, FH205 while tenants use it or its reserve is not empty, FH206 when something outside the '
    'schema depends on it.';
