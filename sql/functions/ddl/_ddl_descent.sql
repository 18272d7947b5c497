-- How the children of an inheritance tree are to be rebuilt. INHERITS puts a parent's columns first, in the parent's order,
-- and marks them as inherited. Where a column was added to the parent later the child has it elsewhere, and where two
-- parents disagree about a default or storage INHERITS refuses. Such a child is created from a table of its own shape,
-- made for the purpose, and is then taken over by its parents.
create or replace function freehold._ddl_descent(ns oid)
returns table (relid oid, parents text[], form text, shape text)
language sql stable
begin atomic
    with recursive child as (
        select r.relid, r.name, i.inhparent, i.inhseqno
        from freehold._ddl_relation(ns) r
        join pg_inherits i on i.inhrelid = r.relid
        where r.relkind in ('r', 'f') and not r.relispartition
    ),
    ancestor as (
        select c.relid, c.inhparent as ancestor
        from child c
        union
        select a.relid, i.inhparent
        from ancestor a
        join pg_inherits i on i.inhrelid = a.ancestor
    ),
    ancestor_default as (
        select a.relid, t.attname, count(distinct pg_get_expr(d.adbin, d.adrelid)) as expressions
        from ancestor a
        join pg_attribute t on t.attrelid = a.ancestor
        join pg_attrdef d on d.adrelid = t.attrelid and d.adnum = t.attnum
        where not t.attisdropped
        group by a.relid, t.attname
    ),
    parent_column as (
        select
            c.relid, a.attname,
            min(format('%s.%s', lpad(c.inhseqno::text, 10), lpad(a.attnum::text, 10))) as place,
            count(*) > 1 and count(distinct row(a.attstorage, a.attcompression)) > 1 as disputed,
            count(*) > 1 as shared,
            min(pg_get_expr(d.adbin, d.adrelid)) filter (where a.attgenerated <> '') as expression
        from child c
        join pg_attribute a on a.attrelid = c.inhparent
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attnum > 0 and not a.attisdropped
        group by c.relid, a.attname
    ),
    own_column as (
        select
            a.attrelid as relid,
            row_number() over (partition by a.attrelid order by a.attnum)
            <> row_number() over (partition by a.attrelid order by p.place collate "C", a.attnum) as moved,
            a.attgenerated <> '' and p.expression <> pg_get_expr(d.adbin, d.adrelid) as regenerated,
            p.disputed or (p.shared and n.expressions > 1 and not (a.attislocal and d.oid is not null)) as disputed,
            a.attinhcount > 0 and not a.attislocal as foreign
        from (select distinct c.relid from child c) c
        join pg_attribute a on a.attrelid = c.relid
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        left join parent_column p on p.relid = a.attrelid and p.attname = a.attname
        left join ancestor_default n on n.relid = a.attrelid and n.attname = a.attname
        where a.attnum > 0 and not a.attisdropped
    ),
    judged as (
        select
            c.relid,
            case
                when not exists (
                    select
                    from own_column o
                    where o.relid = c.relid and (o.moved or o.regenerated or o.disputed)
                ) then 'inherits'
                when not exists (select from own_column o where o.relid = c.relid and o.foreign)
                    and not exists (
                        select
                        from pg_constraint n
                        where n.conrelid = c.relid and n.contype in ('c', 'n') and n.coninhcount > 0 and not n.conislocal
                    )
                    then 'attach'
                else 'shape'
            end as form,
            row_number() over (order by c.name collate "C") as number,
            array_agg(c.inhparent::regclass::text order by c.inhseqno) as parents
        from child c
        group by c.relid, c.name
    )
    select j.relid, j.parents, j.form, case when j.form = 'shape' then format('"freehold: shape %s"', j.number) end
    from judged j;
end;

comment on function freehold._ddl_descent(oid) is
'The inheritance children of a schema (no partitions), their parents in order, and how to rebuild them: by INHERITS, by '
'attaching a table that is theirs in all, or by way of a table of their shape.';
