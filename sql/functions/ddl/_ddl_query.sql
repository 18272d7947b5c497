-- Apart from the other kinds for the reason given in _schema_ddl.
create or replace function freehold._ddl_query(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_view(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_matview(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_rule(ns) p;
end;

comment on function freehold._ddl_query(oid) is 'Views, materialised views and rules.';
