-- Nodes are what has statements of its own in phase pre, or is a primary key or unique constraint, which a view may need.
-- Everything else (row type, array, rule of a view, default inside its table) stands for the node that it comes with.
create or replace function freehold._ddl_member(ns oid, apart oid[])
returns table (classid oid, objid oid, nodeclass oid, node oid, floor integer)
language sql
stable
begin atomic
    with relation as materialized (
        select
            c.oid,
            c.relkind,
            c.reltype,
            coalesce(i.refobjid, c.oid),
            case c.relkind when 'S' then case when i.refobjid is null then 1 else 2 end when 'v' then 3 when 'm' then 3 else 2 end
        from freehold._ddl_relation_any(ns) r (oid)
        join pg_class c on c.oid = r.oid
        left join pg_depend i
            on c.relkind = 'S' and i.classid = 'pg_class'::regclass and i.objid = c.oid
            and i.objsubid = 0 and i.refclassid = 'pg_class'::regclass and i.deptype = 'i'
    ),
    separate as materialized (
        select s.classid, s.objid from freehold._ddl_separate(ns) s
    )
    select 'pg_class'::regclass::oid, r.oid, 'pg_class'::regclass::oid, r.node, r.floor
    from relation r (oid, relkind, reltype, node, floor)
    union all
    select 'pg_type'::regclass::oid, t.oid, t.classid, t.objid,
        case
            when t.classid = 'pg_type'::regclass then 0
            else (select case c.relkind when 'v' then 3 when 'm' then 3 else 2 end from pg_class c where c.oid = t.objid)
        end
    from freehold._schema_type(ns) t
    union all
    select 'pg_class'::regclass::oid, t.typrelid, 'pg_type'::regclass::oid, t.oid, 0
    from freehold._ddl_own(ns, 'pg_type'::regclass) o (oid)
    join pg_type t on t.oid = o.oid
    where t.typtype = 'c'
    union all
    select
        d.classid,
        d.objid,
        coalesce(i.refclassid, d.classid),
        coalesce(i.refobjid, d.objid),
        case when i.refclassid is not null or d.classid = 'pg_collation'::regclass then 0 else 1 end
    from pg_depend d
    left join pg_depend i
        on i.classid = d.classid and i.objid = d.objid and i.objsubid = 0
        and i.refclassid = 'pg_type'::regclass and i.deptype = 'i'
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.deptype = 'n'
        and d.classid not in ('pg_class'::regclass, 'pg_type'::regclass, 'pg_statistic_ext'::regclass)
    union all
    select 'pg_rewrite'::regclass::oid, w.oid, 'pg_class'::regclass::oid, r.oid, 3
    from relation r (oid, relkind, reltype, node, floor)
    join pg_rewrite w on w.ev_class = r.oid and w.rulename = '_RETURN'
    where r.relkind in ('v', 'm')
    union all
    select
        'pg_attrdef'::regclass::oid,
        a.oid,
        case when s.objid is null then 'pg_class'::regclass::oid else s.classid end,
        coalesce(s.objid, r.oid),
        case when s.objid is null then 2 else 3 end
    from relation r (oid, relkind, reltype, node, floor)
    join pg_attrdef a on a.adrelid = r.oid
    left join separate s on s.classid = 'pg_attrdef'::regclass and s.objid = a.oid
    union all
    select
        'pg_constraint'::regclass::oid,
        c.oid,
        case when s.objid is null and c.contype in ('c', 'n') then 'pg_class'::regclass::oid else 'pg_constraint'::regclass::oid end,
        case when s.objid is null and c.contype in ('c', 'n') then r.oid else c.oid end,
        case when s.objid is null and c.contype in ('c', 'n') then 2 else 3 end
    from relation r (oid, relkind, reltype, node, floor)
    join pg_constraint c on c.conrelid = r.oid
    left join separate s on s.classid = 'pg_constraint'::regclass and s.objid = c.oid
    where c.contype in ('c', 'n', 'p', 'u', 'x')
    union all
    select
        'pg_constraint'::regclass::oid,
        c.oid,
        case when c.oid = any (apart) then 'pg_constraint'::regclass::oid else 'pg_type'::regclass::oid end,
        case when c.oid = any (apart) then c.oid else o.oid end,
        0
    from freehold._ddl_own(ns, 'pg_type'::regclass) o (oid)
    -- fenced as in _schema_object
    cross join lateral (select k.oid from pg_constraint k where k.contypid = o.oid offset 0) c
    union all
    select 'pg_cast'::regclass::oid, c.oid, 'pg_cast'::regclass::oid, c.oid, 1
    from freehold._schema_cast(ns) c (oid)
    union all
    select
        i.classid,
        i.objid,
        case when i.opclass = 0 then i.classid else 'pg_opclass'::regclass::oid end,
        case when i.opclass = 0 then i.objid else i.opclass end,
        1
    from freehold._ddl_own(ns, 'pg_opfamily'::regclass) o (oid)
    cross join lateral freehold._ddl_operator_member(ns, o.oid) i;
end;

comment on function freehold._ddl_member(oid, oid[]) is
    'Every catalog object of a schema with the node it stands for in the order of creation, and the least level of that node.';
