-- The advisory locks of this session, whose end no rollback is. In PL/pgSQL, which keeps its plan.
create or replace function freehold._fleet_locks() returns text[]
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    return (select coalesce(array_agg(format('%s %s %s %s', l.classid, l.objid, l.objsubid, l.mode)), '{}')
            from pg_lock_status() as l
            where l.locktype = 'advisory' and l.pid = pg_backend_pid() and l.granted);
end
$$;
