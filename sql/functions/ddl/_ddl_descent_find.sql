-- How the children of an inheritance tree are to be rebuilt. INHERITS puts a parent's columns first, in the parent's order,
-- and marks them as inherited. Where a column was added to the parent later the child has it elsewhere, and where two
-- parents disagree about a default or storage INHERITS refuses. Such a child is created from a table of its own shape,
-- made for the purpose, and is then taken over by its parents.
create or replace function freehold._ddl_descent_find(ns oid)
returns table (relid oid, parents oid[], form text, shape text)
language sql stable
begin atomic
    with recursive child as materialized (
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
    own_column as materialized (
        select
            a.attrelid as relid,
            row_number() over (partition by a.attrelid order by a.attnum)
            <> row_number() over (partition by a.attrelid order by p.place, a.attnum) as moved,
            a.attgenerated <> '' and p.shared > 0
            and p.expression is distinct from pg_get_expr(d.adbin, d.adrelid) as regenerated,
            case
                when p.shared > 1
                then p.properties > 1
                    or not (a.attislocal and d.oid is not null)
                    and (
                        select count(distinct pg_get_expr(e.adbin, e.adrelid)) > 1
                        from ancestor n
                        join pg_attribute t on t.attrelid = n.ancestor and t.attname = a.attname
                        join pg_attrdef e on e.adrelid = t.attrelid and e.adnum = t.attnum
                        where n.relid = a.attrelid and not t.attisdropped
                    )
            end as disputed,
            a.attinhcount > 0 and not a.attislocal as foreign
        from (select distinct c.relid from child c) c
        join pg_attribute a on a.attrelid = c.relid
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        cross join lateral (
            select
                min(array[i.inhseqno, t.attnum]),
                count(*),
                count(distinct row(t.attstorage, t.attcompression)),
                min(pg_get_expr(e.adbin, e.adrelid)) filter (where t.attgenerated <> '')
            from pg_inherits i
            join pg_attribute t on t.attrelid = i.inhparent and t.attname = a.attname
            left join pg_attrdef e on e.adrelid = t.attrelid and e.adnum = t.attnum
            where i.inhrelid = a.attrelid and not t.attisdropped
        ) p (place, shared, properties, expression)
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
            array_agg(c.inhparent order by c.inhseqno) as parents
        from child c
        group by c.relid, c.name
    )
    select j.relid, j.parents, j.form, case when j.form = 'shape' then format('"freehold: shape %s"', j.number) end
    from judged j;
end;

comment on function freehold._ddl_descent_find(oid) is
'The inheritance children of a schema (no partitions), their parents in order, and how to rebuild them: by INHERITS, by '
'attaching a table that is theirs in all, or by way of a table of their shape.';
