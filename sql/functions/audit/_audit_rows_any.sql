-- security definer: reads the table as its owner; of any home, so it is administrators' alone. Touches: a home's log (read).
create or replace function freehold._audit_rows_any(home text, table_name text, at timestamptz, key jsonb) returns setof jsonb
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
    select * from freehold._audit_rows(freehold._audit_home_get(home), table_name, at, key)
$$;
