create or replace function freehold._ddl_relation_any(ns oid)
returns setof oid
language sql
stable
parallel safe
begin atomic
    select d.objid
    from pg_depend d
    where d.refclassid = 'pg_namespace'::regclass
        and d.refobjid = ns
        and d.classid::bigint = 'pg_class'::regclass::oid::bigint
        and d.deptype = 'n'
        and not exists (
            select from pg_depend e
            where e.classid = d.classid and e.objid = d.objid and e.objsubid = 0 and e.deptype = 'e');
end;

comment on function freehold._ddl_relation_any(oid) is
    'Relations of a schema, sequences of identity columns included; no indexes, no extension members.';
