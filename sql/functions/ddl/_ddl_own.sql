create or replace function freehold._ddl_own(ns oid, class oid)
returns setof oid
language sql
stable
parallel safe
begin atomic
    select d.objid
    from pg_depend d
    where d.refclassid = 'pg_namespace'::regclass
        and d.refobjid = ns
        -- not indexable on purpose: a catalog's entries of the whole database are no way to a schema's
        and d.classid::bigint = class::bigint
        and d.deptype = 'n'
        and not exists (
            select from pg_depend i
            where i.classid = d.classid and i.objid = d.objid and i.objsubid = 0 and i.deptype in ('e', 'i'));
end;

comment on function freehold._ddl_own(oid, oid) is
    'The schema''s own objects of one catalog, without extension members and without what another object brings along.';
