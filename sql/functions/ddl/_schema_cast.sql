-- A cast is in no schema: those are ours whose source or target type is. One over foreign types only, by a function of the
-- schema, belongs to the database and cannot exist twice.
create or replace function freehold._schema_cast(ns oid)
returns setof oid
language sql
stable
parallel safe
begin atomic
    select distinct d.objid
    from freehold._schema_type(ns) t
    join pg_depend d
        on d.refclassid = 'pg_type'::regclass and d.refobjid = t.oid
        and d.classid = 'pg_cast'::regclass and d.deptype <> 'i'
    where not exists (
        select from pg_depend i
        where i.classid = d.classid and i.objid = d.objid and i.deptype in ('e', 'i'));
end;

comment on function freehold._schema_cast(oid) is 'Casts from or to the schema''s types.';
