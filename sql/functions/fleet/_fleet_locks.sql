-- The advisory locks of this session, whose end no rollback is.
create or replace function freehold._fleet_locks() returns text[]
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(format('%s %s %s %s', l.classid, l.objid, l.objsubid, l.mode)), '{}')
    from pg_locks as l
    where l.locktype = 'advisory' and l.pid = pg_backend_pid() and l.granted
$$;
