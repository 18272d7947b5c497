create or replace function freehold._ddl_shape(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    with child as materialized (
        select
            d.relid, r.name, d.shape, d.parents,
            case r.relkind when 'f' then 'foreign table' else 'table' end as noun,
            case r.relkind when 'f' then 60 else 50 end as rank
        from freehold._ddl_descent(ns) d
        join freehold._ddl_relation(ns) r on r.relid = d.relid
        where d.form = 'shape'
    ),
    element as (
        select
            c.relid, a.attnum::integer as place,
            concat(
                quote_ident(a.attname), ' ', format_type(a.atttypid, a.atttypmod),
                case when a.attcollation not in (0, t.typcollation) then ' collate ' || a.attcollation::regcollation end,
                case
                    when a.attgenerated <> ''
                    then format(
                        ' generated always as (%s) %s', pg_get_expr(d.adbin, d.adrelid),
                        case a.attgenerated when 's' then 'stored' else 'virtual' end
                    )
                end,
                case
                    when current_setting('server_version_num')::integer < 180000
                        and (
                            a.attnotnull
                            or exists (
                                select
                                from pg_inherits i
                                join pg_attribute p on p.attrelid = i.inhparent
                                where i.inhrelid = c.relid and p.attname = a.attname and p.attnotnull
                            )
                        )
                    then ' not null'
                end
            ) as item
        from child c
        join pg_attribute a on a.attrelid = c.relid
        join pg_type t on t.oid = a.atttypid
        left join pg_attrdef d on a.attgenerated <> '' and d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attnum > 0 and not a.attisdropped
        union all
        select
            c.relid, (10000 + row_number() over (order by n.conname))::integer,
            format('constraint %I %s', n.conname, pg_get_constraintdef(n.oid))
        from child c
        join pg_constraint n on n.conrelid = c.relid
        where n.contype in ('c', 'n') and n.coninhcount > 0 and not n.conislocal
          and not exists (
              select
              from freehold._ddl_separate(ns) s
              join pg_constraint p on p.oid = s.objid
              join pg_inherits i on i.inhparent = p.conrelid
              where s.classid = 'pg_constraint'::regclass and i.inhrelid = c.relid
                and p.contype = n.contype and p.conname = n.conname
          )
    )
    select
        'pre', v.rank, 'pg_class'::regclass::oid, c.relid, v.kind, c.name,
        v.ddl
    from child c
    cross join lateral (
        values
        (
            49, 'shape',
            (
                select format(E'create table %s (\n%s\n)', c.shape, string_agg('    ' || e.item, E',\n' order by e.place))
                from element e
                where e.relid = c.relid
            )
        ),
        (c.rank + 1, 'inheritance', format('alter %s %s inherit %s', c.noun, c.name, array_to_string(c.parents, ', inherit '))),
        (c.rank + 2, 'shape', format('alter %s %s no inherit %s', c.noun, c.name, c.shape)),
        (c.rank + 3, 'shape', format('drop table %s', c.shape))
    ) v (rank, kind, ddl);
end;

comment on function freehold._ddl_shape(oid) is
'The tables from which inheritance children get columns that INHERITS would put elsewhere, and their removal.';
