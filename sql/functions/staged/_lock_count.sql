-- Entries of the lock table that this transaction holds: an object counts once, however it is locked.
create or replace function freehold._lock_count() returns bigint
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select count(distinct (l.locktype, l.database, l.relation, l.classid, l.objid))
    from pg_locks as l
    where l.pid = pg_backend_pid()
$$;
