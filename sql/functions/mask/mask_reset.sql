-- security definer: the table is the owner's. Touches: mask_rule, operation (one row), the home's row lock.
create or replace function freehold.mask_reset(home text, table_name text default null, column_name text default null)
    returns setof freehold.mask_rule
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_home constant freehold.tenant := freehold._home_lock(home);
    v_operation bigint;
begin
    v_operation := freehold._operation_begin('mask_reset', case when home not like '@%' then v_home.id end, v_home.slug,
        jsonb_build_object('home', home, 'table', table_name, 'column', column_name));
    return query
        delete from freehold.mask_rule as m
        where m.home_id = v_home.id and m.table_name = coalesce(mask_reset.table_name, m.table_name)
            and m.column_name = coalesce(mask_reset.column_name, m.column_name)
        returning m.*;
    perform freehold._operation_end(v_operation);
end
$$;

comment on function freehold.mask_reset(text, text, text) is
    'Takes back the masking rules of a home: of a column, of a table, or all of its own; returns them. Those of the template stay. '
    'Raises FH101 or FH102 for an unknown home, FH202 for a tenant that is not whole.';
