-- What lies outside a schema and depends on something inside: CASCADE would take it along without a word, a column of
-- another schema's table included. Everything that depends on the schema is reached through pg_depend; home is the schema an
-- object goes down with, null for what has none (casts, members of publications): those go with what they are about. With
-- tables, what depends on those.
create or replace function freehold._outside_dependents(ns oid, tables oid[] default null) returns table (what text, needs text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
    set enable_seqscan = off
    set jit = off
as $$
    with recursive reached (classid, objid, home) as (
        select m.classid, m.objid, ns
        from (select d.classid, d.objid from pg_depend as d
              where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and tables is null
              union all
              select 'pg_class'::regclass, t.oid from unnest(tables) as t (oid)) as m
        union
        select d.classid, d.objid,
               case d.classid
                   when 'pg_class'::regclass then (select c.relnamespace from pg_class as c where c.oid = d.objid)
                   when 'pg_type'::regclass then (select t.typnamespace from pg_type as t where t.oid = d.objid)
                   when 'pg_proc'::regclass then (select p.pronamespace from pg_proc as p where p.oid = d.objid)
                   when 'pg_constraint'::regclass then (select k.connamespace from pg_constraint as k where k.oid = d.objid)
                   when 'pg_attrdef'::regclass then (
                       select c.relnamespace
                       from pg_attrdef as a join pg_class as c on c.oid = a.adrelid where a.oid = d.objid)
                   when 'pg_rewrite'::regclass then (
                       select c.relnamespace
                       from pg_rewrite as w join pg_class as c on c.oid = w.ev_class where w.oid = d.objid)
                   when 'pg_trigger'::regclass then (
                       select c.relnamespace
                       from pg_trigger as t join pg_class as c on c.oid = t.tgrelid where t.oid = d.objid and not t.tgisinternal)
                   when 'pg_policy'::regclass then (
                       select c.relnamespace
                       from pg_policy as p join pg_class as c on c.oid = p.polrelid where p.oid = d.objid)
                   else (
                       select s.refobjid from pg_depend as s
                       where s.classid = d.classid and s.objid = d.objid and s.refclassid = 'pg_namespace'::regclass limit 1)
               end
        from reached as r
        join pg_depend as d on d.refclassid = r.classid and d.refobjid = r.objid
        where r.home = ns
    ), outsider as materialized (
        select o.classid, o.objid from reached as o where o.home not in (ns, 'pg_toast'::regnamespace)
    )
    select distinct pg_describe_object(d.classid, d.objid, d.objsubid),
                    pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)
    from outsider as o
    join pg_depend as d on d.classid = o.classid and d.objid = o.objid
    where (d.refclassid, d.refobjid) in (select r.classid, r.objid from reached as r where r.home = ns)
$$;
