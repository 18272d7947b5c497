-- Refuses a constant that is no value of its column's type, its domain's checks included: the home's owner tries.
create or replace function freehold._mask_constant(home freehold.tenant, mask freehold._mask_column_row) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._owner_run(home.cell, home.schema_name, home.owner_role, '',
        format('select (%L::%s)::pg_catalog.text', mask.options ->> 'value', mask.shown_type));
exception
    when data_exception or integrity_constraint_violation or syntax_error_or_access_rule_violation then
        raise exception 'the constant is no value of column %.%', mask.table_name, mask.column_name
            using errcode = 'FH003', detail = format('The column is of type %s: %s', mask.shown_type, sqlerrm);
end
$$;
