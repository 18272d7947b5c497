create or replace function freehold._ddl_typed(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_composite(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_domain(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_cast(ns) p;
end;

comment on function freehold._ddl_typed(oid) is
    'The statements of composite types, domains and casts.';
