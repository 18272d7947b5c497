-- Measures the installation. No catalog is scanned: of their sizes the server's own notes are read. The files of the whole database
-- are looked at once an hour, by a cell, as that takes CONNECT. Touches: statistic (one row), tenant, reserve (read).
create or replace function freehold._statistic_measure(at timestamptz) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    insert into freehold.statistic (at, tenants, catalog_relations, catalog_columns, catalog_dependencies, catalog_bytes, database_bytes,
                                    connections, max_connections, locks, lock_capacity, oldest_xids, oldest_transaction, reserve)
    select _statistic_measure.at,
           (select coalesce(jsonb_object_agg(s.state, s.n), '{}')
            from (select t.state, count(*) as n from freehold.tenant as t group by t.state) as s),
           c.relations, c.columns, c.dependencies, c.bytes,
           case when has_database_privilege(freehold._role('cell_00'), current_database(), 'connect')
                     and not exists (select from freehold.statistic as s
                                     where s.at > _statistic_measure.at - interval '1 hour' and s.database_bytes is not null)
                then freehold._cell_run(0, 'select pg_catalog.pg_database_size($1::pg_catalog.name)', current_database())::bigint end,
           (select sum(d.numbackends) from pg_stat_database as d), current_setting('max_connections')::integer,
           k.capacity - freehold._lock_room(), k.capacity,
           pg_snapshot_xmax(x)::text::bigint - pg_snapshot_xmin(x)::text::bigint,
           case when pg_has_role('pg_read_all_stats', 'usage')
                then (select max(clock_timestamp() - a.xact_start) from pg_stat_activity as a where a.pid <> pg_backend_pid()) end,
           (select coalesce(jsonb_object_agg(s.template, s.n), '{}')
            from (select r.template, count(*) as n from freehold.reserve as r where r.operation_id is null group by r.template) as s)
    from (select max(r.reltuples) filter (where r.oid = 'pg_class'::regclass and r.reltuples >= 0)::bigint as relations,
                 max(r.reltuples) filter (where r.oid = 'pg_attribute'::regclass and r.reltuples >= 0)::bigint as columns,
                 max(r.reltuples) filter (where r.oid = 'pg_depend'::regclass and r.reltuples >= 0)::bigint as dependencies,
                 sum(pg_total_relation_size(r.oid))::bigint as bytes
          from pg_class as r
          where r.oid in ('pg_class'::regclass, 'pg_attribute'::regclass, 'pg_depend'::regclass)) as c
    cross join pg_current_snapshot() as x
    cross join freehold._lock_capacity() as k (capacity);
end
$$;
