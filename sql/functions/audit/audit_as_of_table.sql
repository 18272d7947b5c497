-- security invoker: as audit_history().
create or replace function freehold.audit_as_of_table(home text, table_name text, at timestamptz) returns setof jsonb
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if has_function_privilege('freehold._audit_rows_any(text, text, timestamptz, jsonb)', 'execute') then
        return query select r.r from freehold._audit_rows_any(home, table_name, at, null) as r (r);
    else
        return query select r.r from freehold._audit_rows_own(home, table_name, at, null) as r (r);
    end if;
end
$$;

comment on function freehold.audit_as_of_table(text, text, timestamptz) is
    'All rows of a table as they were at a time, in the order of their keys. They are held in memory, so this is for tables of some '
    'hundred thousand rows. Raises what audit_as_of() does.';
