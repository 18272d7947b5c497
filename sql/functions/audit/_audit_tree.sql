-- A table with its partitions and children: each needs triggers of its own.
create or replace function freehold._audit_tree(target regclass) returns table (relation regclass)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with recursive tree as (
        select _audit_tree.target::oid as oid
        union
        select i.inhrelid from tree as t join pg_inherits as i on i.inhparent = t.oid
    )
    select c.oid::regclass from tree as t join pg_class as c on c.oid = t.oid and c.relkind in ('r', 'p') order by c.oid
$$;
