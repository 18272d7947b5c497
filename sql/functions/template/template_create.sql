-- security definer: makes roles and a schema through a cell. Touches: template, operation (one row each).
create or replace function freehold.template_create(name text) returns freehold.template
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_template freehold.template;
    v_operation bigint := freehold._operation_begin('template_create', null, template_create.name);
begin
    v_template := freehold._template_register(template_create.name);
    perform freehold._owner_run(v_template.cell, v_template.schema_name, v_template.owner_role,
        concat_ws(E';\n', freehold._runtime_grants(quote_ident(v_template.schema_name)::regnamespace, v_template.rw_role),
                  freehold._owner_defaults()));
    perform freehold._group_join(v_template.cell, v_template.owner_role, v_template.rw_role);
    perform freehold._operation_end(v_operation);
    return v_template;
end
$$;

comment on function freehold.template_create(text) is
    'Makes an empty template: the schema template_<name>, its owner and runtime role, default privileges. Fill it with '
    'template_apply(). Raises FH003 for a bad name, FH204 for one that exists.';
