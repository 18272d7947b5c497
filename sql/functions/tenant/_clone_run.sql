-- Runs a part of a clone's script as the copy's owner, with all_rows the one that reads the source. Who clones may not read rows,
-- so an error about one is passed on without its values.
create or replace function freehold._clone_run(
    target freehold.tenant, script text, staged text, all_rows boolean default false
) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_code text;
    v_message text;
    v_table text;
    v_constraint text;
    v_column text;
    v_type text;
    v_masks text;
begin
    perform freehold._build_run(target.cell, target.schema_name, target.owner_role, script, staged, all_rows => all_rows);
exception
    when integrity_constraint_violation or data_exception then
        get stacked diagnostics v_code = returned_sqlstate, v_message = message_text,
                                v_table = table_name, v_constraint = constraint_name,
                                v_column = column_name, v_type = pg_datatype_name;
        v_masks := freehold._mask_violation(target, v_table, v_constraint, v_column, v_type);
        raise using errcode = v_code,
            message = case when v_masks is not null then format('masked values break a rule of the schema: %s', v_masks)
                           when v_code like '23%' then v_message
                           else 'a row of the source cannot be read, masked or written' end,
            detail = concat_ws(' ', 'Table "' || nullif(v_table, '') || '".', 'Constraint "' || nullif(v_constraint, '') || '".',
                               'Type "' || nullif(v_type, '') || '".', 'The values are not shown.'),
            hint = case when v_masks is not null then 'Give the column another masking rule.'
                        else 'The source holds rows that its own rules refuse by now. Mend them there, as its owner.' end;
end
$$;
