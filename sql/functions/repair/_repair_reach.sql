-- What DROP ... CASCADE would take, and of a column that changes its type what stands in the way of that. With what is part of
-- another the whole goes. A table or column that is reached stays, so the root that reached it cannot be dropped.
create or replace function freehold._repair_reach(ns oid, roots text[])
    returns setof freehold._repair_reached
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with recursive object as materialized (
        select o.classid, o.objid, o.target from freehold._repair_object(ns) as o
    ),
    start as (
        select r.root, o.classid, o.objid, 0 as objsubid, false as retype
        from unnest(roots) as r (root)
        join object as o on o.target = r.root
        union all
        select r.root, o.classid, o.objid, a.attnum, r.root like 'column type %'
        from unnest(roots) as r (root)
        cross join lateral (select regexp_replace(r.root, '^column (type )?', '') as identity) as i
        join object as o on o.target = 'relation ' || freehold._repair_name(i.identity, 1)
        join pg_attribute as a on a.attrelid = o.objid and quote_ident(a.attname) = freehold._repair_name(i.identity, 2)
        where r.root like 'column %' and not a.attisdropped
    ),
    reach (root, classid, objid, objsubid, automatic, retype) as (
        select s.root, s.classid, s.objid, s.objsubid, true, s.retype from start as s
        union
        select r.root, n.classid, n.objid, n.objsubid, r.automatic and n.automatic, false
        from reach as r
        cross join lateral (
            select d.classid, d.objid, d.objsubid, d.deptype <> 'n'
            from pg_depend as d
            where d.refclassid = r.classid and d.refobjid = r.objid and (r.objsubid = 0 or d.refobjsubid = r.objsubid)
              and d.deptype in ('n', 'a', 'i', 'P', 'S')
              and not (r.retype and (
                  d.classid in ('pg_constraint'::regclass, 'pg_class'::regclass, 'pg_statistic_ext'::regclass)
                  or d.classid = 'pg_attrdef'::regclass and d.deptype = 'a'
                      and exists (select from pg_attrdef as f where f.oid = d.objid and f.adrelid = r.objid and f.adnum = r.objsubid)))
            union all
            select d.refclassid, d.refobjid, d.refobjsubid, true
            from pg_depend as d
            where d.classid = r.classid and d.objid = r.objid and d.deptype = 'i' and not r.retype
              and (d.refclassid, d.refobjid) not in (select s.classid, s.objid from start as s where s.root = r.root)
        ) as n (classid, objid, objsubid, automatic)
        -- A column or table that something needs for itself ends the way: it stays.
        where r.automatic or r.classid <> 'pg_class'::regclass
           or exists (select from pg_class as c where c.oid = r.objid and c.relkind not in ('r', 'p', 'f'))
    )
    select r.root, coalesce(o.target, f.target), bool_or(r.automatic),
           case when not bool_or(r.automatic) and r.classid = 'pg_class'::regclass and c.relkind in ('r', 'p', 'f')
                then concat_ws('.', quote_ident(c.relname),
                               (select quote_ident(a.attname) from pg_attribute as a where a.attrelid = r.objid and a.attnum = r.objsubid
                                   and r.objsubid > 0)) end
    from reach as r
    left join object as o on o.classid = r.classid and o.objid = r.objid
    left join pg_class as c on r.classid = 'pg_class'::regclass and c.oid = r.objid
    left join lateral (
        select format('default %I.%I', t.relname, a.attname)
        from pg_attrdef as d
        join pg_class as t on t.oid = d.adrelid
        join pg_attribute as a on a.attrelid = d.adrelid and a.attnum = d.adnum
        where r.classid = 'pg_attrdef'::regclass and d.oid = r.objid
    ) as f (target) on true
    where (o.target is not null or f.target is not null)
      and not exists (select from start as s where s.root = r.root and (s.classid, s.objid) = (r.classid, r.objid) and s.objsubid <> 0
                          and s.objsubid = r.objsubid)
    group by r.root, r.classid, r.objid, r.objsubid, o.target, f.target, c.relkind, c.relname
$$;

comment on function freehold._repair_reach(oid, text[]) is
    'What goes when some objects do: by itself (automatic), or because it has to be dropped first; and what cannot go.';
