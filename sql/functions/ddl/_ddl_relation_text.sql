create or replace function freehold._ddl_relation_text(ns oid, kinds text)
returns table (relid oid, name text, head text, body text, tail text)
language sql stable
begin atomic
    with relation as (
        select r.relid, r.name, r.relkind, r.relpersistence, c.reloftype, c.relam, c.reltablespace, c.reloptions,
            c.reltoastrelid, d.form, coalesce(d.form in ('inherits', 'shape'), false) as inherits,
            case d.form when 'inherits' then array_to_string(d.parents, ', ') else d.shape end as parents,
            current_setting('server_version_num')::integer >= 180000 as named_not_null
        from freehold._ddl_relation(ns) r
        join pg_class c on c.oid = r.relid
        left join freehold._ddl_descent(ns) d on d.relid = r.relid
        where strpos(kinds, r.relkind::text) > 0
    ),
    separate as (
        select s.classid, s.objid
        from freehold._ddl_separate(ns) s
    ),
    -- printed with the table: all but what INHERITS brings under the same name
    printed as (
        select
            r.relid, c.contype, c.conname, c.conkey, pg_get_constraintdef(c.oid) as definition, r.inherits
        from relation r
        join pg_constraint c on c.conrelid = r.relid
        where c.contype in ('c', 'n')
          and not exists (select from separate s where s.classid = 'pg_constraint'::regclass and s.objid = c.oid)
          and (
              not r.inherits
              or c.conislocal
              or not exists (
                  select
                  from pg_inherits i
                  join pg_constraint p on p.conrelid = i.inhparent
                  where i.inhrelid = r.relid and p.contype = c.contype and p.conname = c.conname
              )
          )
    ),
    printed_column as (
        select
            r.relid, a.attnum, quote_ident(a.attname) as name,
            case
                when r.reloftype = 0 then format_type(a.atttypid, a.atttypmod)
                else 'with options'
            end as type,
            concat(
                case when a.attfdwoptions is not null then ' options (' || freehold._ddl_fdw_options(a.attfdwoptions) || ')' end,
                case
                    when r.reloftype = 0 and a.attcollation not in (0, t.typcollation)
                    then ' collate ' || a.attcollation::regcollation
                end,
                case
                    when a.attgenerated = '' then ' default ' || e.expression
                    -- where the parent brings the expression, release 15 takes none here
                    when not (r.inherits and (a.attinhcount > 0 or r.form = 'shape'))
                    then format(
                        ' generated always as (%s) %s', e.expression,
                        case a.attgenerated when 's' then 'stored' else 'virtual' end
                    )
                end,
                identity.clause,
                case
                    when n.conname is not null
                    then format(
                        ' constraint %I not null%s', n.conname, case when n.connoinherit then ' no inherit' end
                    )
                    when a.attnotnull and not r.named_not_null then ' not null'
                end
            ) as properties
        from relation r
        join pg_attribute a on a.attrelid = r.relid
        join pg_type t on t.oid = a.atttypid
        left join lateral (
            select pg_get_expr(d.adbin, d.adrelid) as expression
            from pg_attrdef d
            where a.atthasdef and d.adrelid = a.attrelid and d.adnum = a.attnum
              and not exists (select from separate s where s.classid = 'pg_attrdef'::regclass and s.objid = d.oid)
        ) e on true
        left join lateral (
            select format(
                ' generated %s as identity (sequence name %I%s)',
                case a.attidentity when 'a' then 'always' else 'by default' end,
                c.relname,
                freehold._ddl_sequence_options(
                    s.seqtypid, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle
                )
            ) as clause
            from pg_depend d
            join pg_sequence s on s.seqrelid = d.objid
            join pg_class c on c.oid = d.objid
            -- a partition counts with its parent's sequence and has none of its own
            where a.attidentity <> ''
              and d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid and d.refobjsubid = a.attnum
              and d.classid = 'pg_class'::regclass and d.deptype = 'i'
        ) identity on true
        -- probes the index for each column: a join with printed would compare every column with every constraint
        left join lateral (
            select c.conname, c.connoinherit
            from pg_constraint c
            where a.attnotnull and c.conrelid = r.relid and c.contype = 'n' and c.conkey = array[a.attnum]
              and not exists (select from separate s where s.classid = 'pg_constraint'::regclass and s.objid = c.oid)
              and (
                  not r.inherits
                  or c.conislocal
                  or not exists (
                      select
                      from pg_inherits i
                      join pg_constraint p on p.conrelid = i.inhparent
                      where i.inhrelid = r.relid and p.contype = 'n' and p.conname = c.conname
                  )
              )
            offset 0
        ) n on true
        where a.attnum > 0 and not a.attisdropped
          and (a.attislocal or not r.inherits)
    ),
    element as (
        select c.relid, 1 as turn, c.attnum::text as place, c.attnum, concat_ws(' ', c.name, c.type) || c.properties as item
        from printed_column c
        where c.type <> 'with options' or c.properties <> ''
        union all
        select p.relid, 2, p.conname, 0, format('constraint %I %s', p.conname, p.definition)
        from printed p
        where p.contype = 'c'
           or exists (
               select
               from pg_attribute a
               where a.attrelid = p.relid and a.attnum = p.conkey[1] and not a.attislocal and p.inherits
           )
    ),
    body as (
        select e.relid, string_agg('    ' || e.item, E',\n' order by e.turn, e.attnum, e.place collate "C") as items
        from element e
        group by e.relid
    )
    select
        r.relid,
        r.name,
        concat(
            'create ', case r.relpersistence when 'u' then 'unlogged ' end,
            case r.relkind when 'f' then 'foreign ' end, 'table ', r.name,
            ' of ' || case when r.reloftype <> 0 then format_type(r.reloftype, null) end
        ),
        case
            when b.items is not null then format(E' (\n%s\n)', b.items)
            when r.reloftype = 0 then ' ()'
            else ''
        end,
        concat(
            ' inherits (' || r.parents || ')',
            case when r.relkind = 'p' then ' partition by ' || pg_get_partkeydef(r.relid) end,
            (
                select format(' using %I', m.amname)
                from pg_am m
                where m.oid = r.relam and (m.amname <> 'heap' or r.relkind = 'p')
            ),
            ' with ('
            || nullif(
                concat_ws(
                    ', ', case when r.reloptions is not null then freehold._ddl_options(r.reloptions) end,
                    (
                        select freehold._ddl_options(t.reloptions, 'toast.')
                        from pg_class t
                        where t.oid = r.reltoastrelid and t.reloptions is not null
                    )
                ),
                ''
            )
            || ')',
            (
                select format(' tablespace %I', s.spcname)
                from pg_tablespace s
                where s.oid = r.reltablespace
            )
        )
    from relation r
    left join body b on b.relid = r.relid;
end;

comment on function freehold._ddl_relation_text(oid, text) is
'The three pieces of create table for the relations of the given kinds: r, p, f.';
