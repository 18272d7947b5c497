-- Dependencies between two schemas that are to have none: (dependent, referenced).
with recursive member (ns, classid, objid) as (
    select d.refobjid, d.classid, d.objid
    from pg_depend as d
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid in (%(a)s, %(b)s) and d.deptype = 'n'
    union
    select m.ns, d.classid, d.objid
    from member as m
    join pg_depend as d on d.refclassid = m.classid and d.refobjid = m.objid and d.deptype in ('a', 'i', 'P', 'S')
),
owned as (
    select m.* from member as m
    union
    select m.ns, 'pg_cast'::regclass, c.oid
    from pg_cast as c
    join member as m on m.classid = 'pg_type'::regclass and m.objid in (c.castsource, c.casttarget)
    union
    select n.oid, 'pg_namespace'::regclass, n.oid from pg_namespace as n where n.oid in (%(a)s, %(b)s)
)
select distinct pg_describe_object(d.classid, d.objid, d.objsubid), pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)
from owned as o
join pg_depend as d on d.classid = o.classid and d.objid = o.objid
join owned as r on r.classid = d.refclassid and r.objid = d.refobjid and r.ns <> o.ns
