create or replace function freehold._ddl_separate_find(ns oid)
returns table (classid oid, objid oid, relid oid)
language sql stable
begin atomic
    with recursive expression as (
        select 'pg_attrdef'::regclass::oid as classid, a.oid as objid, r.relid, r.relkind = 'v' as apart
        from freehold._ddl_relation(ns) r
        join pg_attrdef a on a.adrelid = r.relid
        join pg_attribute t on t.attrelid = a.adrelid and t.attnum = a.adnum
        -- a generated column cannot get its expression later
        where t.attgenerated = ''
        union all
        select 'pg_constraint'::regclass, c.oid, r.relid,
            not c.convalidated and coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true)
        from freehold._ddl_relation(ns) r
        join pg_constraint c on c.conrelid = r.relid
        -- rows that break a constraint that is not valid must be copied before it exists
        where c.contype = 'c' or (c.contype = 'n' and not c.convalidated)
    ),
    reference as (
        select distinct e.classid, e.objid, e.relid, d.refclassid, d.refobjid
        from expression e
        join pg_depend d on d.classid = e.classid and d.objid = e.objid
        where not e.apart
          and not (d.refclassid = 'pg_class'::regclass and d.refobjid = e.relid and d.refobjsubid > 0)
    ),
    reach (origin_class, origin, refclassid, refobjid) as (
        select distinct r.refclassid, r.refobjid, r.refclassid, r.refobjid
        from reference r
        union
        select r.origin_class, r.origin, n.refclassid, n.refobjid
        from reach r
        cross join lateral (
            select d.refclassid, d.refobjid
            from pg_depend d
            where d.classid = r.refclassid and d.objid = r.refobjid
              and (
                  r.refclassid <> 'pg_class'::regclass
                  or exists (select from pg_class c where c.oid = r.refobjid and c.relkind = 'c')
              )
            union all
            select 'pg_class'::regclass, t.typrelid
            from pg_type t
            where r.refclassid = 'pg_type'::regclass and t.oid = r.refobjid and t.typrelid <> 0
        ) n
        where n.refclassid in (
            'pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_operator'::regclass,
            'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_cast'::regclass
        )
    ),
    late as (
        select r.origin_class, r.origin
        from reach r
        join pg_class c on r.refclassid = 'pg_class'::regclass and c.oid = r.refobjid
        where c.relnamespace = ns and c.relkind in ('r', 'p', 'v', 'm', 'f')
    )
    select e.classid, e.objid, e.relid
    from expression e
    where e.apart
    union
    select r.classid, r.objid, r.relid
    from reference r
    join late l on l.origin_class = r.refclassid and l.origin = r.refobjid;
end;

comment on function freehold._ddl_separate_find(oid) is
'The column defaults and constraints (check, not null) of a schema that cannot stand in create table: they need a '
'relation of the schema, directly or through a function, type or operator; or are not valid; or belong to a view.';
