-- What lies outside a schema and depends on something inside: CASCADE would take it along without a word, a column of
-- another schema's table included.
create or replace function freehold._outside_dependents(ns oid) returns table (what text, needs text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with recursive member (classid, objid) as (
        select d.classid, d.objid
        from pg_depend as d
        where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns
        union
        select d.classid, d.objid
        from member as m
        join pg_depend as d on d.refclassid = m.classid and d.refobjid = m.objid
        where freehold._home(d.classid, d.objid) = ns
    )
    select distinct pg_describe_object(d.classid, d.objid, d.objsubid),
                    pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)
    from member as m
    join pg_depend as d on d.refclassid = m.classid and d.refobjid = m.objid
    where freehold._home(d.classid, d.objid) not in (ns, 'pg_toast'::regnamespace)
        and not (d.classid = 'pg_trigger'::regclass and d.deptype = 'i')
$$;
