-- Entries of the lock table that are free: what it has, less what all sessions hold now.
create or replace function freehold._lock_room() returns bigint
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select freehold._lock_capacity()
           - (select count(distinct (l.locktype, l.database, l.relation, l.classid, l.objid)) from pg_locks as l)
$$;
