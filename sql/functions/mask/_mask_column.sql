-- The columns of a home's tables, with what decides about masking them. A rule of a table holds for its partitions and children;
-- a column without one that references another has that one's.
create or replace function freehold._mask_column(home freehold.tenant) returns setof freehold._mask_column_row
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with recursive relation as materialized (
        select r.relid, c.relname, c.relkind, c.relnamespace
        from freehold._ddl_relation(to_regnamespace(quote_ident(home.schema_name))) as r
        join pg_class as c on c.oid = r.relid
        where r.relkind in ('r', 'p')
    ), descent (relid, ancestor, depth) as (
        select r.relid, r.relid, 0 from relation as r
        union all
        select d.relid, i.inhparent, d.depth + 1 from descent as d join pg_inherits as i on i.inhrelid = d.ancestor
    ), ancestry as materialized (
        select d.relid, d.ancestor, d.depth, c.relname, c.relkind from descent as d join pg_class as c on c.oid = d.ancestor
    ), root as materialized (
        select distinct on (a.relid) a.relid, a.relname from ancestry as a order by a.relid, a.depth desc, a.ancestor
    ), rule as materialized (
        select m.table_name, m.column_name, m.rule, m.options, m.origin from freehold._mask_rule(home) as m
    ), declared as materialized (
        select distinct on (a.relid, t.attnum) a.relid, t.attnum, m.rule, m.options, m.origin
        from rule as m
        join ancestry as a on a.relname = m.table_name
        join pg_attribute as t on t.attrelid = a.relid and t.attname = m.column_name and t.attnum > 0 and not t.attisdropped
        order by a.relid, t.attnum, a.depth
    ), reference as materialized (
        select k.conrelid as relid, u.attnum, k.confrelid, u.confattnum
        from relation as r
        join pg_constraint as k on k.conrelid = r.relid and k.contype = 'f'
        cross join lateral unnest(k.conkey, k.confkey) as u (attnum, confattnum)
    ), climb (relid, attnum, confrelid, confattnum) as (
        select f.relid, f.attnum, f.confrelid, f.confattnum from reference as f
        union
        select c.relid, c.attnum, f.confrelid, f.confattnum
        from climb as c
        join reference as f on f.relid = c.confrelid and f.attnum = c.confattnum
        where not exists (select from declared as d where d.relid = f.relid and d.attnum = f.attnum)
    ), inherited as materialized (
        select distinct on (c.relid, c.attnum) c.relid, c.attnum, d.rule, d.options, d.origin
        from climb as c
        join declared as d on d.relid = c.confrelid and d.attnum = c.confattnum
        where d.rule <> 'shuffle'
        order by c.relid, c.attnum, d.rule, d.options
    ), base (type, base, modifier) as (
        select distinct a.atttypid, a.atttypid, -1
        from relation as r join pg_attribute as a on a.attrelid = r.relid and a.attnum > 0 and not a.attisdropped
        union all
        select b.type, t.typbasetype, t.typtypmod from base as b join pg_type as t on t.oid = b.base where t.typtype = 'd'
    )
    select
        r.relid, r.relname, o.relname, r.relkind = 'r', a.attnum, a.attname,
        case when r.relnamespace in (t.typnamespace, s.typnamespace) then 'pg_catalog.text'
             else concat(
                 format('%I.%I', n.nspname, coalesce(e.typname, t.typname)),
                 -- The one type whose values must be as long as it says, where an assignment will not make them so.
                 case when coalesce(e.oid, t.oid) = 'bit'::regtype
                      then format('(%s)', nullif(greatest(a.atttypmod, b.modifier), -1)) end,
                 case when e.oid is not null then '[]' end) end,
        format_type(a.atttypid, a.atttypmod),
        freehold._mask_class(coalesce(e.oid, t.oid)), e.oid is not null, r.relnamespace in (t.typnamespace, s.typnamespace),
        case when coalesce(e.oid, t.oid) in ('varchar'::regtype, 'bpchar'::regtype)
             then nullif(greatest(case when a.atttypmod > 0 then a.atttypmod else b.modifier end, 3), 3) - 4 end,
        a.attnotnull, a.attgenerated <> '',
        exists (
            select from ancestry as y
            join pg_attribute as q on q.attrelid = y.ancestor and q.attname = a.attname
            join pg_depend as d on d.classid = 'pg_class'::regclass and d.objid = y.ancestor and d.objsubid = q.attnum
                and d.refclassid = 'pg_class'::regclass and d.refobjid = y.ancestor and d.refobjsubid = 0 and d.deptype = 'i'
            where y.relid = r.relid and y.relkind = 'p'),
        u.keys, u.wide, u.strict,
        exists (select from reference as f where f.relid = r.relid and f.attnum = a.attnum)
            or exists (select from reference as f where f.confrelid = r.relid and f.confattnum = a.attnum),
        coalesce(l.rule, h.rule), coalesce(l.options, h.options),
        case when l.rule is not null then l.origin when h.rule is not null then 'reference' end
    from relation as r
    join root as o on o.relid = r.relid
    join pg_attribute as a on a.attrelid = r.relid and a.attnum > 0 and not a.attisdropped
    join base as b on b.type = a.atttypid
    join pg_type as t on t.oid = b.base and t.typtype <> 'd'
    left join pg_type as e on e.oid = t.typelem and t.typcategory = 'A' and e.typarray = t.oid
    join pg_namespace as n on n.oid = coalesce(e.typnamespace, t.typnamespace)
    join pg_type as s on s.oid = coalesce(e.oid, t.oid)
    left join declared as l on l.relid = r.relid and l.attnum = a.attnum
    left join inherited as h on h.relid = r.relid and h.attnum = a.attnum
    cross join lateral (
        select
            count(*)::integer as keys,
            coalesce(bool_or(x.indnkeyatts > 1 or a.attnum <> all (x.indkey::smallint[])), false) as wide,
            coalesce(bool_or(x.indisprimary or x.indisexclusion or x.indnullsnotdistinct), false) as strict
        from pg_index as x
        where x.indrelid = r.relid and (x.indisunique or x.indisexclusion)
            and (a.attnum = any ((x.indkey::smallint[])[0:x.indnkeyatts - 1])
                 or x.indexprs is not null and exists (
                     select from pg_depend as d
                     where d.classid = 'pg_class'::regclass and d.objid = x.indexrelid and d.refclassid = 'pg_class'::regclass
                         and d.refobjid = r.relid and d.refobjsubid = a.attnum))
    ) as u
$$;
