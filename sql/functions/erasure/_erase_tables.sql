-- The tables of the next batch, the newest first: as many as a third of the lock table's room takes. Null when the whole rest
-- fits. A drop locks the table and every object that belongs to it; nine to a plain table was measured, more with indexes,
-- constraints, triggers and defaults, so those are counted; of a thousand tables at most, or a large schema would be counted
-- over and over.
create or replace function freehold._erase_tables(ns oid) returns oid[]
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with budget as (
        select greatest(freehold._lock_room() / 3, 100) as locks
    ), candidate as materialized (
        select c.oid, c.relkind
        from pg_depend as d
        join pg_class as c on c.oid = d.objid
        where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.classid = 'pg_class'::regclass
        order by c.relkind not in ('r', 'p'), c.oid desc
        limit 1000
    ), relation as (
        select c.oid, c.relkind,
               6 + (select count(*) * 2 from pg_index as i where i.indrelid = c.oid)
                 + (select count(*) from pg_constraint as k where k.conrelid = c.oid)
                 + (select count(*) * 2 from pg_trigger as t where t.tgrelid = c.oid)
                 + (select count(*) from pg_attrdef as a where a.adrelid = c.oid) as locks
        from candidate as c
    ), running as (
        select r.oid, r.relkind,
               sum(r.locks) over (order by r.relkind not in ('r', 'p'), r.oid desc) as locks, sum(r.locks) over () as total
        from relation as r
    )
    select case when max(r.total) > max(b.locks) then
               coalesce(array_agg(r.oid) filter (where r.relkind in ('r', 'p') and r.locks <= b.locks),
                        (array_agg(r.oid order by r.locks) filter (where r.relkind in ('r', 'p')))[1:1])
           end
    from running as r, budget as b
$$;
