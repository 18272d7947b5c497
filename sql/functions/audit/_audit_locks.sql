-- Locks that dropping a home's log takes, its function included, as measured.
create or replace function freehold._audit_locks(home_id uuid) returns bigint
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
    return 20 + 16 * (select count(*) from freehold._audit_partition(home_id));
