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
    cross join lateral (
        -- fenced, or the planner starts from all casts of the database
        select c.classid, c.objid, c.deptype
        from pg_depend c
        where c.refclassid = 'pg_type'::regclass and c.refobjid = t.oid
        offset 0
    ) d
    where d.classid = 'pg_cast'::regclass and d.deptype <> 'i'
        -- a subquery for each: an anti-join would hash all casts of the database
        and (
            select count(*) from pg_depend i
            where i.classid = d.classid and i.objid = d.objid and i.deptype in ('e', 'i')) = 0;
end;

comment on function freehold._schema_cast(oid) is 'Casts from or to the schema''s types.';
