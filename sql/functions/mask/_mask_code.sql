-- What of a schema runs code of the schema's own while rows are written or turned into text: checks of domains, generated columns, casts,
-- keys of partitions. Who copies rows may read the source for the moment, and that code would be able to as well.
create or replace function freehold._mask_code(ns oid) returns table (what text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with code as materialized (
        select d.classid, d.objid
        from pg_depend as d
        where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns
            and d.classid in ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass)
    )
    select distinct pg_describe_object(d.classid, d.objid, 0)
    from code as c
    join pg_depend as d on d.refclassid = c.classid and d.refobjid = c.objid
    where d.classid = 'pg_cast'::regclass
        or d.classid = 'pg_constraint'::regclass and exists (select from pg_constraint as k where k.oid = d.objid and k.contypid <> 0)
        or d.classid = 'pg_attrdef'::regclass and exists (
            select from pg_attrdef as f
            join pg_attribute as a on a.attrelid = f.adrelid and a.attnum = f.adnum
            where f.oid = d.objid and a.attgenerated <> '')
        or d.classid = 'pg_class'::regclass and exists (select from pg_class as r where r.oid = d.objid and r.relkind = 'p')
$$;
