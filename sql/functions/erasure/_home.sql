-- The schema that an object goes down with: its own, or that of the table, type or relation it is a part of. Null for what
-- belongs to none: casts, publications' members and the like, which go with the object they are about.
create or replace function freehold._home(classid oid, objid oid) returns oid
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select case classid
        when 'pg_class'::regclass then (select c.relnamespace from pg_class as c where c.oid = objid)
        when 'pg_type'::regclass then (select t.typnamespace from pg_type as t where t.oid = objid)
        when 'pg_proc'::regclass then (select p.pronamespace from pg_proc as p where p.oid = objid)
        when 'pg_constraint'::regclass then (select k.connamespace from pg_constraint as k where k.oid = objid)
        when 'pg_attrdef'::regclass then (
            select c.relnamespace from pg_attrdef as a join pg_class as c on c.oid = a.adrelid where a.oid = objid)
        when 'pg_rewrite'::regclass then (
            select c.relnamespace from pg_rewrite as r join pg_class as c on c.oid = r.ev_class where r.oid = objid)
        when 'pg_trigger'::regclass then (
            select c.relnamespace from pg_trigger as t join pg_class as c on c.oid = t.tgrelid where t.oid = objid)
        when 'pg_policy'::regclass then (
            select c.relnamespace from pg_policy as p join pg_class as c on c.oid = p.polrelid where p.oid = objid)
        else (
            select d.refobjid from pg_depend as d
            where d.classid = _home.classid and d.objid = _home.objid and d.refclassid = 'pg_namespace'::regclass
            limit 1)
    end
$$;
