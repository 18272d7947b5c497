-- security definer: reads the table as its owner. Touches: a home's log (read).
create or replace function freehold.audit_as_of(home text, table_name text, key jsonb, at timestamptz) returns jsonb
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_home constant freehold.tenant := freehold._home_get(home);
begin
    perform freehold._audit_reader(v_home);
    if key is null then
        raise exception 'the key must not be null' using errcode = 'FH003';
    end if;
    return (select r.r from freehold._audit_rows(v_home, table_name, at, key) as r (r) limit 1);
end
$$;

comment on function freehold.audit_as_of(text, text, jsonb, timestamptz) is
    'A row as it was at a time, null where it was not there; without the columns that are left out. It is reckoned back from the row of '
    'today, so what was changed while the audit was off is not seen. Raises FH003 for a key that is not the table''s, FH202 for a table '
    'that is not audited, a time before its record begins, and one before it was truncated; FH303 for whoever may not read it.';
