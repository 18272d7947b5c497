create or replace function freehold._ddl_default(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    with recursive separate as materialized (
        select s.objid, s.relid
        from freehold._ddl_separate(ns) s
        where s.classid = 'pg_attrdef'::regclass
    ),
    child as materialized (
        select d.relid, d.form
        from freehold._ddl_descent(ns) d
        where d.form in ('inherits', 'shape')
    ),
    ancestor as (
        select c.relid, i.inhparent as ancestor, 1 as distance
        from child c
        join pg_inherits i on i.inhrelid = c.relid
        union
        select a.relid, i.inhparent, a.distance + 1
        from ancestor a
        join pg_inherits i on i.inhrelid = a.ancestor
    ),
    -- the column as INHERITS has created it
    inherited as (
        select
            c.relid, c.form, t.attname,
            coalesce(bool_or(d.oid is not null) filter (where c.form = 'inherits'), false) as some,
            bool_and(a.distance = 1) filter (where c.form = 'inherits') as plain,
            array_agg(distinct coalesce(pg_get_expr(d.adbin, d.adrelid), '')) as expressions
        from child c
        join ancestor a on a.relid = c.relid
        join pg_attribute t on t.attrelid = a.ancestor
        left join pg_attrdef d on d.adrelid = t.attrelid and d.adnum = t.attnum
        where t.attnum > 0 and not t.attisdropped and t.attgenerated = ''
        group by c.relid, c.form, t.attname
    ),
    change as (
        select
            'pg_class'::regclass::oid as classid, i.relid as objid, i.relid, a.attname,
            pg_get_expr(d.adbin, d.adrelid) as expression
        from inherited i
        join pg_attribute a on a.attrelid = i.relid and a.attname = i.attname
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attgenerated = ''
          and case
              when d.oid is null then i.some
              when a.attislocal then false
              else not coalesce(i.plain and i.expressions = array[pg_get_expr(d.adbin, d.adrelid)], false)
          end
          and (d.oid is null or d.oid not in (select s.objid from separate s))
        union all
        select 'pg_attrdef'::regclass, s.objid, s.relid, a.attname, pg_get_expr(d.adbin, d.adrelid)
        from separate s
        join pg_attrdef d on d.oid = s.objid
        join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
    )
    select
        'post', 90, c.classid, c.objid, 'default', format('%I.%I', t.relname, c.attname),
        format(
            'alter %s only %I alter column %I %s',
            case t.relkind when 'f' then 'foreign table' else 'table' end,
            t.relname, c.attname, coalesce('set default ' || c.expression, 'drop default')
        )
    from change c
    join pg_class t on t.oid = c.relid
    where t.relkind <> 'v';
end;

comment on function freehold._ddl_default(oid) is
'The column defaults that need something that can only be made after their table, and those in which an inheritance '
'child differs from its parent.';
