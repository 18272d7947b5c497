create or replace function freehold._ddl_collation_name(ns oid, coll oid)
returns text
language sql
stable
parallel safe
return (select freehold._ddl_name(ns, c.collnamespace, c.collname) from pg_collation c where c.oid = coll);

comment on function freehold._ddl_collation_name(oid, oid) is
    'The name of a collation, bare in its own schema.';
