create or replace function freehold._ddl_relation(ns oid)
returns table (
    relid oid,
    name text,
    relkind "char",
    relpersistence "char",
    relispartition boolean,
    reltype oid
)
language sql stable
begin atomic
    -- by pg_depend, never by relnamespace: pg_class has no index that leads with the namespace
    select c.oid, quote_ident(c.relname), c.relkind, c.relpersistence, c.relispartition, c.reltype
    from pg_depend d
    join pg_class c on c.oid = d.objid
    where d.refclassid = 'pg_namespace'::regclass
      and d.refobjid = ns
      and d.classid = 'pg_class'::regclass
      and d.deptype = 'n'
      and not exists (
          select
          from pg_depend e
          where e.classid = 'pg_class'::regclass and e.objid = d.objid and e.objsubid = 0 and e.deptype = 'e'
      );
end;

comment on function freehold._ddl_relation(oid) is
'The relations of a schema (no indexes, no composite types), less those of extensions; name is quoted and bare.';
