-- security definer: makes roles and a schema through a cell. Touches: template, operation (one row each), operation_script.
create or replace function freehold.template_adopt_step(name text, schema regnamespace default null) returns freehold.operation
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_operation freehold.operation := freehold._operation_open(template_adopt_step.name, 'template_adopt');
    v_fingerprint text;
    v_template freehold.template;
begin
    if v_operation.id is not null then
        return freehold.operation_step(v_operation.id);
    end if;
    perform freehold._adopt_check(schema);
    -- Taken before the statements: a change between the two is found at the end, not passed over.
    v_fingerprint := freehold.schema_fingerprint(schema);
    v_template := freehold._template_register(template_adopt_step.name, 'adopting');
    v_operation.id := freehold._operation_begin('template_adopt', null, v_template.name, jsonb_build_object(
        'schema', schema::text, 'fingerprint', v_fingerprint, 'publications', freehold._publication_list(schema)));
    v_operation := (
        select freehold._script_keep(v_operation.id, array_agg(d.phase order by d.phase = 'audit', d.ordinal),
                                      array_agg(d.ddl order by d.phase = 'audit', d.ordinal))
        from freehold._adopt_ddl(schema, v_template) as d);
    perform freehold._group_join(v_template.cell, v_template.owner_role, v_template.rw_role);
    return v_operation;
end
$$;

comment on function freehold.template_adopt_step(text, regnamespace) is
    'One transaction''s worth of a staged adoption, for clients that cannot CALL outside a transaction: call it until the operation '
    'it returns is no longer running. The first call names the schema, later ones need not. Raises what template_adopt() raises, '
    'but FH402; at the end FH202 when the source was changed since the first.';
