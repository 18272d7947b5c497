-- The largest schema against the lock table, as an erasure counts it: one transaction may take a third.
create or replace function freehold._doctor_locks(budget bigint default freehold._lock_capacity())
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with counted as materialized (
        select c.relnamespace as ns, count(*) as tables from pg_class as c where c.relkind in ('r', 'p') group by 1
    ), largest as materialized (
        select h.kind, h.name, h.ns
        from freehold._fleet_home() as h
        join counted as c on c.ns = h.ns
        order by c.tables desc, h.name
        limit 1
    ), need as materialized (
        select l.kind, l.name, freehold._schema_locks(l.ns) as locks from largest as l
    )
    select 'warning', format('%s %s', n.kind, n.name), format('needs about %s locks, and the lock table has %s', n.locks, budget),
           'One transaction that makes, clones or drops it leaves little to others, or does not fit; the staged forms do.',
           format('alter system set max_locks_per_transaction = %s; then restart the server.',
                  ceil(current_setting('max_locks_per_transaction')::integer * n.locks * 3.0 / budget / 64) * 64)
    from need as n
    where n.locks * 3 > budget
$$;
