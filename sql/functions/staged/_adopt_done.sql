-- Ends a staged adoption whose statements have run.
-- Touches: template, operation (one row each).
create or replace function freehold._adopt_done(template freehold.template, operation freehold.operation) returns freehold.operation
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_schema constant regnamespace := to_regnamespace(operation.detail ->> 'schema');
begin
    if v_schema is null or freehold.schema_fingerprint(v_schema) <> operation.detail ->> 'fingerprint' then
        raise exception 'schema % was changed while it is being adopted', operation.detail ->> 'schema'
            using errcode = 'FH202', detail = 'The template would be what the schema never was.',
                  hint = format('Take this back by call freehold.operation_undo(%s); and begin again.', operation.id);
    end if;
    perform freehold._publication_join(template.cell, template.schema_name, template.owner_role,
                                       array(select jsonb_array_elements_text(operation.detail -> 'publications')));
    update freehold.template as t set state = 'ready' where t.name = template.name;
    return freehold._operation_end(operation.id);
end
$$;
