-- Entries that the lock table has: what the server was started with, as it counts (InitializeMaxBackends, NLOCKENTS). It has some
-- slack beyond that, on which nothing is built.
create or replace function freehold._lock_capacity() returns bigint
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select current_setting('max_locks_per_transaction')::bigint * (
               current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint
               + coalesce(current_setting('autovacuum_worker_slots', true), current_setting('autovacuum_max_workers'))::bigint + 1
               + current_setting('max_worker_processes')::bigint + current_setting('max_wal_senders')::bigint)
$$;
