create or replace function freehold._ddl_inline(classid oid, objid oid, relid oid)
returns boolean
language sql stable
begin atomic
    select not exists (
        select
        from pg_class c
        cross join lateral freehold._ddl_separate(c.relnamespace) s
        where c.oid = _ddl_inline.relid and s.classid = _ddl_inline.classid and s.objid = _ddl_inline.objid
    );
end;

comment on function freehold._ddl_inline(oid, oid, oid) is
'Whether a column default or check of a relation stands in its create table; for many at once use _ddl_separate.';
