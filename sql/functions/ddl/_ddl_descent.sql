-- INHERITS puts a parent's columns first, in the parent's order; a child that has them elsewhere, or that two
-- parents disagree about, is created whole and attached with ALTER TABLE .. INHERIT.
create or replace function freehold._ddl_descent(ns oid)
returns table (relid oid, parents text[], inherits boolean)
language sql stable
begin atomic
    with child as (
        select r.relid, i.inhparent, i.inhseqno
        from freehold._ddl_relation(ns) r
        join pg_inherits i on i.inhrelid = r.relid
        where r.relkind in ('r', 'f') and not r.relispartition
    ),
    parent_column as (
        select
            c.relid, c.inhseqno, a.attname, a.attnum, a.attgenerated,
            row_number() over (partition by c.relid, a.attname order by c.inhseqno) as turn,
            row(
                pg_get_expr(d.adbin, d.adrelid), a.attgenerated, a.attstorage, a.attcompression
            )::text as properties,
            pg_get_expr(d.adbin, d.adrelid) as expression
        from child c
        join pg_attribute a on a.attrelid = c.inhparent
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attnum > 0 and not a.attisdropped
    ),
    own_column as (
        select
            a.attrelid as relid, a.attname,
            row_number() over (partition by a.attrelid order by a.attnum) as actual,
            row_number() over (partition by a.attrelid order by p.inhseqno, p.attnum, a.attnum) as expected,
            p.attgenerated <> '' and p.expression <> pg_get_expr(d.adbin, d.adrelid) as differs
        from (select distinct c.relid from child c) c
        join pg_attribute a on a.attrelid = c.relid
        left join parent_column p on p.relid = a.attrelid and p.attname = a.attname and p.turn = 1
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attnum > 0 and not a.attisdropped
    ),
    whole as (
        select o.relid
        from own_column o
        where o.actual <> o.expected or o.differs
        union
        select p.relid
        from parent_column p
        group by p.relid, p.attname
        having count(distinct p.properties) > 1
    )
    select
        c.relid, array_agg(c.inhparent::regclass::text order by c.inhseqno),
        not exists (select from whole w where w.relid = c.relid)
    from child c
    group by c.relid;
end;

comment on function freehold._ddl_descent(oid) is
'The inheritance children of a schema (no partitions) with their parents in order, and whether INHERITS rebuilds them.';
