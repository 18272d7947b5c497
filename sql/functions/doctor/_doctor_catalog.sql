-- Thresholds: 1.6 GB were measured at 4,800 schemas of 20 tables, where dumps and crash recovery begin to hurt.
create or replace function freehold._doctor_catalog(max_bytes numeric default 2147483648, max_dead bigint default 100000)
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'note', 'pg_catalog', format('the catalogs take %s', pg_size_pretty(sum(pg_total_relation_size(s.relid)))),
           'Dumps, crash recovery and autovacuum grow with them, and what a connection keeps in memory.',
           'Put further tenants into another database.'
    from pg_stat_sys_tables as s
    where s.schemaname = 'pg_catalog'
    having sum(pg_total_relation_size(s.relid)) > max_bytes
    union all
    select 'warning', s.relid::regclass::text, format('%s dead rows beside %s live ones', s.n_dead_tup, s.n_live_tup),
           'Every look-up in the catalog passes them. A transaction left open, or autovacuum too slow, keeps them.',
           format('vacuum (analyze) pg_catalog.%I;', s.relname)
    from pg_stat_sys_tables as s
    where s.schemaname = 'pg_catalog' and s.n_dead_tup > max_dead and s.n_dead_tup > s.n_live_tup / 2
$$;
