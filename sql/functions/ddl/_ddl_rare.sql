create or replace function freehold._ddl_rare(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_collation(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_shell(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_base_type(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_range(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_aggregate(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_operator(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_operator_family(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_operator_class(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_conversion(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_text_search(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_statistics(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_attach(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_foreign_table(ns) p;
end;

comment on function freehold._ddl_rare(oid) is
    'The statements of the kinds that few schemas have.';
