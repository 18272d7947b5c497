-- security invoker: as audit_history().
create or replace function freehold.audit_as_of(home text, table_name text, key jsonb, at timestamptz) returns jsonb
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if key is null then
        raise exception 'the key must not be null' using errcode = 'FH003';
    end if;
    if has_function_privilege('freehold._audit_rows_any(text, text, timestamptz, jsonb)', 'execute') then
        return (select r.r from freehold._audit_rows_any(home, table_name, at, key) as r (r) limit 1);
    end if;
    return (select r.r from freehold._audit_rows_own(home, table_name, at, key) as r (r) limit 1);
end
$$;

comment on function freehold.audit_as_of(text, text, jsonb, timestamptz) is
    'A row as it was at a time, null where it was not there; without the columns that are left out. It is reckoned back from the row of '
    'today, so what was changed while the audit was off is not seen. Raises FH003 for a key that is not the table''s, FH202 for a table '
    'that is not audited, a time before its record begins, and one before it was truncated; FH303 for whoever may not read it.';
