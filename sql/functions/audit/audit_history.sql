-- security invoker: what a caller may is decided by whose functions it may execute. The session's login would not do: the code of a
-- tenant's schema runs as its owner in the sessions of administrators, too. Volatile, though it changes nothing: what does not change
-- rows is a reader's to call, and row images are not.
create or replace function freehold.audit_history(
    home text, table_name text default null, key jsonb default null, max_rows integer default 100, before bigint default null
) returns setof freehold.audit_entry
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if has_function_privilege('freehold._audit_history_any(text, text, jsonb, integer, bigint)', 'execute') then
        return query select * from freehold._audit_history_any(home, table_name, key, max_rows, before);
    else
        return query select * from freehold._audit_history_own(home, table_name, key, max_rows, before);
    end if;
end
$$;

comment on function freehold.audit_history(text, text, jsonb, integer, bigint) is
    'Who changed what of a tenant, or of a template by its name after @, the newest first: all of it, a table (its partitions and '
    'children included) or one row by its key ({"id": 7}). before is the id of the last entry of the page before. For administrators, '
    'and for the tenant''s own roles after audit_open(). Raises FH101 and FH102 for an unknown home, FH202 for one that is not audited, '
    'FH303 for whoever may not read it.';
