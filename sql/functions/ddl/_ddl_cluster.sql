create or replace function freehold._ddl_cluster(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        'post', 152, 'pg_class'::regclass::oid, r.relid, 'cluster', r.name,
        format('alter table %s cluster on %I', r.name, x.relname)
    from freehold._ddl_relation(ns) r
    join pg_index i on i.indrelid = r.relid
    join pg_class x on x.oid = i.indexrelid
    where i.indisclustered;
end;

comment on function freehold._ddl_cluster(oid) is
'The indexes by which CLUSTER is to order the tables of a schema.';
