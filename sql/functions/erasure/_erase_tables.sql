-- The tables of the next batch, the newest first: as many as a third of the lock table's room takes. Null when the whole rest
-- fits. Of a thousand relations at most, or a large schema would be counted over and over.
create or replace function freehold._erase_tables(ns oid) returns oid[]
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with budget as (
        select greatest(freehold._lock_room() / 3, 100) as locks
    ), running as (
        select r.relation, r.relkind, sum(r.locks + r.triggers) over () as total,
               sum(r.locks + r.triggers) over (order by r.relkind not in ('r', 'p'), r.relation desc) as locks
        from freehold._relation_locks(ns, 1000) as r
    )
    select case when max(r.total) > max(b.locks) then
               coalesce(array_agg(r.relation) filter (where r.relkind in ('r', 'p') and r.locks <= b.locks),
                        (array_agg(r.relation order by r.locks) filter (where r.relkind in ('r', 'p')))[1:1])
           end
    from running as r, budget as b
$$;
