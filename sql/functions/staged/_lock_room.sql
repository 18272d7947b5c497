-- Entries of the lock table that are free: what the server was started with, as it counts (InitializeMaxBackends, NLOCKENTS),
-- less what all sessions hold now. It has some slack beyond that, on which nothing is built.
create or replace function freehold._lock_room() returns bigint
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select current_setting('max_locks_per_transaction')::bigint * (
               current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint
               + coalesce(current_setting('autovacuum_worker_slots', true), current_setting('autovacuum_max_workers'))::bigint + 1
               + current_setting('max_worker_processes')::bigint + current_setting('max_wal_senders')::bigint)
           - (select count(distinct (l.locktype, l.database, l.relation, l.classid, l.objid)) from pg_locks as l)
$$;
