-- Entries of the lock table that are free: what the server was started with, less what all sessions hold now. The server
-- has some slack beyond it, on which nothing is built.
create or replace function freehold._lock_room() returns bigint
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select current_setting('max_locks_per_transaction')::bigint
           * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint)
           - (select count(distinct (l.locktype, l.database, l.relation, l.classid, l.objid)) from pg_locks as l)
$$;
