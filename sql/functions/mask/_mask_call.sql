-- The statement that declares a rule.
create or replace function freehold._mask_call(home text, table_name name, column_name name, rule text, options jsonb) returns text
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select format('select freehold.mask_set(%L, %L, %L, %L%s);', home, table_name, column_name, rule,
                  case when options <> '{}' then format(', %L', options) end)
$$;
