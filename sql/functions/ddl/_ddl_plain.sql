create or replace function freehold._ddl_plain(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_schema_itself(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_enum(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_function(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_acl(ns) p;
end;

comment on function freehold._ddl_plain(oid) is
    'The statements of the kinds that any schema may have: itself, its enums, functions, privileges.';
