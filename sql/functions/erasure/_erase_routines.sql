-- The routines of the next batch, once the tables fit: as many as a third of the lock table's room takes. Null when all fit.
create or replace function freehold._erase_routines(ns oid) returns text[]
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with budget as (
        select greatest(freehold._lock_room() / 3, 100) as locks
    ), candidate as materialized (
        select d.objid
        from pg_depend as d
        where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.classid = 'pg_proc'::regclass
        order by d.objid desc
        limit (select b.locks + 1 from budget as b)
    )
    select case when count(*) > (select b.locks from budget as b) then
               (array_agg(freehold._routine_name(c.objid)))[1:(select b.locks / 2 from budget as b)] end
    from candidate as c
$$;
