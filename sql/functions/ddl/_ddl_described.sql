-- Whether a schema has a comment at all, without looking at what they are on: itself, what is in it, what hangs on that, and the
-- indexes of constraints, which hang on those.
create or replace function freehold._ddl_described(ns oid)
returns setof oid
language sql
stable
parallel safe
begin atomic
    select c.objoid
    from (
        select 0::oid as classid, ns as objid
        union all
        select d.classid, d.objid from pg_depend d where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns
        union all
        select 'pg_cast'::regclass, c.oid from freehold._schema_cast(ns) c (oid)
    ) m
    cross join lateral (
        select m.objid
        union all
        select e.objid from pg_depend e where e.refclassid = m.classid and e.refobjid = m.objid
        union all
        select i.indexrelid from pg_index i where i.indrelid = m.objid
    ) o (objid)
    -- fenced as in _ddl_comment
    cross join lateral (select t.objoid from pg_description t where t.objoid = o.objid offset 0) c;
end;

comment on function freehold._ddl_described(oid) is
    'What in a schema has a comment, by oid; of whatever catalog.';
