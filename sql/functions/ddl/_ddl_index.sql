create or replace function freehold._ddl_index(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    with index as materialized (
        select
            r.name as table_name, i.indexrelid, quote_ident(x.relname) as name, i.indrelid, i.indpred, x.relispartition,
            s.spcname, i.indisvalid or x.relkind = 'I' as valid, c.oid is not null as owned,
            c.contype is not distinct from 'x' as exclusion,
            -- one that a foreign partition has no part of becomes valid only when it is made whole, after its parts
            x.relkind = 'I' and i.indisvalid and exists (
                select
                from pg_inherits h
                join pg_class f on f.oid = h.inhrelid
                where h.inhparent = i.indrelid and f.relkind = 'f'
            ) as whole
        from freehold._ddl_relation(ns) r
        join pg_index i on i.indrelid = r.relid
        join pg_class x on x.oid = i.indexrelid
        left join pg_tablespace s on s.oid = x.reltablespace
        left join pg_constraint c
            on c.conrelid = i.indrelid and c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x')
        where r.relkind in ('r', 'p', 'm')
    ),
    -- the pretty form is the one that leaves the table unqualified; the tablespace is in neither
    defined as materialized (
        select
            i.indexrelid, i.name, i.spcname, i.whole, d.definition,
            case
                when right(d.definition, length(d.predicate)) = d.predicate then length(d.predicate)
                else 0
            end as tail
        from index i
        cross join lateral (
            select
                pg_get_indexdef(i.indexrelid, 0, true) as definition,
                coalesce(' WHERE ' || pg_get_expr(i.indpred, i.indrelid, true), '') as predicate
            -- evaluated once, not at each use
            offset 0
        ) d
        where not i.owned and i.valid
    )
    select
        'post', case when d.whole then 116 else 110 end, 'pg_class'::regclass::oid, d.indexrelid, 'index', d.name,
        concat(
            case
                when d.whole then regexp_replace(left(d.definition, length(d.definition) - d.tail), ' ON ONLY ', ' ON ')
                else left(d.definition, length(d.definition) - d.tail)
            end,
            ' TABLESPACE ' || quote_ident(d.spcname),
            right(d.definition, d.tail)
        )
    from defined d
    union all
    select
        'post', 115, 'pg_class'::regclass, i.indexrelid, 'index partition', i.name,
        format('alter index %s attach partition %s', h.inhparent::regclass, i.name)
    from index i
    join pg_inherits h on h.inhrelid = i.indexrelid
    where i.relispartition and i.valid and not i.exclusion
        and not exists (select from index w where w.indexrelid = h.inhparent and w.whole and not w.owned)
    union all
    select
        'post', 118, 'pg_class'::regclass, i.indexrelid, 'index column', format('%s.%s', i.name, a.attnum),
        format('alter index %s alter column %s set statistics %s', i.name, a.attnum, a.attstattarget)
    from index i
    join pg_attribute a on a.attrelid = i.indexrelid
    where i.valid and a.attstattarget >= 0;
end;

comment on function freehold._ddl_index(oid) is
'The indexes of a schema that no constraint makes, less those that a failed build left invalid; their attachment to '
'the parent''s, also of constraints'' indexes; statistics targets of their expressions.';
