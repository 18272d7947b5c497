-- The partitions of a home's log, the oldest first, with their bounds; null where there is none, as for the one that takes what
-- nobody has made a partition for. No row for a log that has no partitions.
create or replace function freehold._audit_partition(home_id uuid)
    returns table (relation oid, name name, lower timestamptz, upper timestamptz)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
    set datestyle = 'ISO'
    set timezone = 'UTC'
as $$
    select c.oid, c.relname, substring(b.bound from '^FOR VALUES FROM \(''([^'']*)''\)')::timestamptz,
           substring(b.bound from ' TO \(''([^'']*)''\)$')::timestamptz
    from pg_inherits as i
    join pg_class as c on c.oid = i.inhrelid
    cross join lateral pg_get_expr(c.relpartbound, c.oid) as b (bound)
    where i.inhparent = to_regclass('freehold_audit.' || freehold._audit_name(home_id))
    order by 4 nulls last
$$;
