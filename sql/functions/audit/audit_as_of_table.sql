-- security definer: reads the table as its owner. Touches: a home's log (read).
create or replace function freehold.audit_as_of_table(home text, table_name text, at timestamptz) returns setof jsonb
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_home constant freehold.tenant := freehold._home_get(home);
begin
    perform freehold._audit_reader(v_home);
    return query select r.r from freehold._audit_rows(v_home, table_name, at, null) as r (r);
end
$$;

comment on function freehold.audit_as_of_table(text, text, timestamptz) is
    'All rows of a table as they were at a time, in the order of their keys. They are held in memory, so this is for tables of some '
    'hundred thousand rows. Raises what audit_as_of() does.';
