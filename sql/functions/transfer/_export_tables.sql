-- The tables of a schema that hold rows, with the columns that are stored as they are given.
create or replace function freehold._export_tables(ns oid) returns table (relid oid, name name, columns name[])
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select c.oid, c.relname,
           array(select a.attname from pg_attribute as a
                 where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                 order by a.attnum)
    from freehold._ddl_relation(ns) as r
    join pg_class as c on c.oid = r.relid
    where r.relkind = 'r'
    order by c.relname collate "C"
$$;
