-- The largest schema against the lock table, as an erasure counts it: one transaction may take a third.
create or replace function freehold._doctor_locks(
    budget bigint default current_setting('max_locks_per_transaction')::bigint
        * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint)
)
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
    ), need as (
        select l.kind, l.name,
               sum(6 + (select count(*) * 2 from pg_index as i where i.indrelid = c.oid)
                     + (select count(*) from pg_constraint as k where k.conrelid = c.oid)
                     + (select count(*) * 2 from pg_trigger as t where t.tgrelid = c.oid)
                     + (select count(*) from pg_attrdef as a where a.adrelid = c.oid))::bigint as locks
        from largest as l
        join pg_depend as d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = l.ns and d.classid = 'pg_class'::regclass
        join pg_class as c on c.oid = d.objid
        group by l.kind, l.name
    )
    select 'warning', format('%s %s', n.kind, n.name), format('needs about %s locks, and the lock table has %s', n.locks, budget),
           'It cannot be provisioned, cloned or erased in one transaction; the staged forms can.',
           format('alter system set max_locks_per_transaction = %s; then restart the server.',
                  ceil(n.locks * 3.0 / current_setting('max_connections')::integer / 64) * 64)
    from need as n
    where n.locks * 3 > budget
$$;
