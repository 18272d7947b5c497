create or replace function freehold._ddl_flagged(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_view_default(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_replica_identity(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_cluster(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_policy(ns) p
    union all
    select p.phase, p.rank, p.classid, p.objid, p.kind, p.identity, p.ddl from freehold._ddl_row_security(ns) p;
end;

comment on function freehold._ddl_flagged(oid) is
    'The statements of what few relations have: defaults of views, replica identities, policies, an index to cluster on.';
