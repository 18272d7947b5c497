-- security definer: the logs are the owner's to read; of the session's own tenant. Touches: a home's log (read).
create or replace function freehold._audit_history_own(
    home text, table_name text, key jsonb, max_rows integer, before bigint
) returns setof freehold.audit_entry
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select * from freehold._audit_entries(freehold._audit_reader(home), table_name, key, max_rows, before)
$$;
