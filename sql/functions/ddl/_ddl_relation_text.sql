create or replace function freehold._ddl_relation_text(ns oid, kinds text)
returns table (relid oid, name text, head text, body text, tail text)
language sql stable
begin atomic
    with separate as materialized (
        select s.classid, s.objid
        from freehold._ddl_separate(ns) s
    ),
    descent as materialized (
        select d.relid, d.form, case d.form when 'inherits' then array_to_string(d.parents, ', ') else d.shape end as parents
        from freehold._ddl_descent(ns) d
    ),
    relation as materialized (
        select
            r.relid, r.name, r.relkind, r.relpersistence, c.reloftype, c.relam, c.reltablespace, c.reloptions,
            c.reltoastrelid,
            (select d.parents from descent d where d.relid = r.relid) as parents,
            (select d.form from descent d where d.relid = r.relid) as form
        from freehold._ddl_relation(ns) r
        join pg_class c on c.oid = r.relid
        where strpos(kinds, r.relkind::text) > 0
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
                select ' using ' || quote_ident(m.amname)
                from pg_am m
                where m.oid = r.relam and (m.amname <> 'heap' or r.relkind = 'p')
            ),
            freehold._ddl_with(r.reloptions, r.reltoastrelid),
            (
                select ' tablespace ' || quote_ident(s.spcname)
                from pg_tablespace s
                where s.oid = r.reltablespace
            )
        )
    from relation r
    cross join lateral (
        select jsonb_object_agg(
            c.conkey[1], format(' constraint %I not null%s', c.conname, case when c.connoinherit then ' no inherit' end)
        ) as clauses
        from pg_constraint c
        where c.conrelid = r.relid and c.contype = 'n'
          and c.oid not in (select s.objid from separate s where s.classid = 'pg_constraint'::regclass)
          -- an inherited one comes along under its parent's name
          and (
              r.parents is null
              or c.conislocal
              or not exists (
                  select
                  from pg_inherits i
                  join pg_constraint p on p.conrelid = i.inhparent
                  where i.inhrelid = r.relid and p.contype = 'n' and p.conname = c.conname
              )
          )
    ) n
    cross join lateral (
        select string_agg('    ' || e.item, E',\n' order by e.turn, e.attnum, e.place) as items
        from (
            select
                1, a.attnum, a.attname,
                concat_ws(
                    ' ',
                    quote_ident(a.attname),
                    case
                        when r.reloftype = 0 then format_type(a.atttypid, a.atttypmod)
                        when p.properties <> '' then 'with options'
                    end
                ) || p.properties
            from pg_attribute a
            join pg_type t on t.oid = a.atttypid
            left join pg_attrdef d
                on a.atthasdef and d.adrelid = a.attrelid and d.adnum = a.attnum
                and d.oid not in (select s.objid from separate s where s.classid = 'pg_attrdef'::regclass)
            cross join lateral (
                select concat(
                    case
                        when a.attfdwoptions is not null
                        then ' options (' || freehold._ddl_fdw_options(a.attfdwoptions) || ')'
                    end,
                    case
                        when r.reloftype = 0 and a.attcollation not in (0, t.typcollation)
                        then ' collate ' || a.attcollation::regcollation
                    end,
                    case
                        when a.attgenerated = '' then ' default ' || pg_get_expr(d.adbin, d.adrelid)
                        -- where the parent brings the expression, release 15 takes none here
                        when r.parents is null or (a.attinhcount = 0 and r.form <> 'shape')
                        then format(
                            ' generated always as (%s) %s', pg_get_expr(d.adbin, d.adrelid),
                            case a.attgenerated when 's' then 'stored' else 'virtual' end
                        )
                    end,
                    case when a.attidentity <> '' then freehold._ddl_identity(a.attrelid, a.attnum, a.attidentity) end,
                    case
                        when current_setting('server_version_num')::integer >= 180000 then n.clauses ->> a.attnum::text
                        when a.attnotnull then ' not null'
                    end
                ) as properties
                offset 0
            ) p
            where a.attrelid = r.relid and a.attnum > 0 and not a.attisdropped
              and (r.parents is null or a.attislocal)
              and (r.reloftype = 0 or p.properties <> '')
            union all
            select 2, 0, c.conname, format('constraint %I %s', c.conname, pg_get_constraintdef(c.oid))
            from pg_constraint c
            where c.conrelid = r.relid
              and c.oid not in (select s.objid from separate s where s.classid = 'pg_constraint'::regclass)
              and (
                  c.contype = 'c'
                  and (
                      r.parents is null
                      or c.conislocal
                      or not exists (
                          select
                          from pg_inherits i
                          join pg_constraint p on p.conrelid = i.inhparent
                          where i.inhrelid = r.relid and p.contype = 'c' and p.conname = c.conname
                      )
                  )
                  -- of a column that INHERITS brings
                  or c.contype = 'n' and r.parents is not null and n.clauses ? c.conkey[1]::text
                  and exists (
                      select
                      from pg_attribute a
                      where a.attrelid = r.relid and a.attnum = c.conkey[1] and not a.attislocal
                  )
              )
        ) e (turn, attnum, place, item)
    ) b;
end;

comment on function freehold._ddl_relation_text(oid, text) is
'The three pieces of create table for the relations of the given kinds: r, p, f.';
