-- Who owns something, of which kind and in which schema; given holders, what they own. What is in no schema pg_shdepend knows.
create or replace function freehold._isolation_owned(holders oid[] default null)
    returns table (classid oid, ns oid, owner oid, objid oid)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with object (classid, objid, ns, owner) as (
        select o.classid, o.objid, o.ns, o.owner from freehold._object_owner() as o
        union all
        select s.classid, s.objid, 0, s.refobjid
        from pg_shdepend as s
        where s.deptype = 'o' and s.refclassid = 'pg_authid'::regclass
            and s.dbid in (0, (select d.oid from pg_database as d where d.datname = current_database()))
            and s.classid in ('pg_database'::regclass, 'pg_tablespace'::regclass, 'pg_language'::regclass, 'pg_largeobject'::regclass,
                              'pg_foreign_data_wrapper'::regclass, 'pg_foreign_server'::regclass, 'pg_event_trigger'::regclass,
                              'pg_publication'::regclass, 'pg_subscription'::regclass, 'pg_extension'::regclass)
    )
    select distinct o.classid, o.ns, o.owner, case when holders is not null then o.objid end
    from object as o
    where holders is null
        or o.owner = any (holders)
            and not (o.classid in ('pg_type'::regclass, 'pg_class'::regclass) and exists (
                select from pg_depend as d
                where d.classid = o.classid and d.objid = o.objid and d.refobjid <> o.objid
                    and (o.classid = 'pg_type'::regclass and d.deptype = 'i'
                         or d.refclassid = 'pg_class'::regclass and (d.deptype = 'i' or d.deptype = 'a' and d.refobjsubid > 0))))
$$;
