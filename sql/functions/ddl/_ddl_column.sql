create or replace function freehold._ddl_column(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    -- apart, or it would be found again for each table
    with descent as materialized (
        select d.relid, d.form from freehold._ddl_descent(ns) d
    ),
    relation as materialized (
        select
            r.relid, r.name, r.relkind, d.form,
            case r.relkind
                when 'f' then 'foreign table only'
                when 'm' then 'materialized view'
                else 'table only'
            end as noun
        from freehold._ddl_relation(ns) r
        left join descent d on d.relid = r.relid
        where r.relkind in ('r', 'p', 'f', 'm')
    ),
    change as (
        select
            r.relid, r.name, r.noun, r.relkind, quote_ident(a.attname) as column_name,
            concat_ws(
                ', alter column ' || quote_ident(a.attname) || ' ',
                case
                    when current_setting('server_version_num')::integer >= 180000 then null
                    when i.not_null and not a.attnotnull then 'drop not null'
                    when r.form = 'inherits' and a.attnotnull and not i.not_null and not a.attislocal then 'set not null'
                end,
                case
                    when a.attstorage <> coalesce(case when r.form = 'inherits' then i.storage end, t.typstorage::text)
                    then 'set storage ' || case a.attstorage
                        when 'p' then 'plain'
                        when 'e' then 'external'
                        when 'm' then 'main'
                        else 'extended'
                    end
                end,
                case
                    when a.attcompression <> coalesce(case when r.form = 'inherits' then i.compression end, '')
                    then 'set compression ' || case a.attcompression
                        when 'p' then 'pglz'
                        when 'l' then 'lz4'
                        else 'default'
                    end
                end,
                case when a.attstattarget >= 0 then 'set statistics ' || a.attstattarget end,
                case when a.attoptions is not null then 'set (' || freehold._ddl_options(a.attoptions) || ')' end
            ) as actions
        from relation r
        join pg_attribute a on a.attrelid = r.relid
        join pg_type t on t.oid = a.atttypid
        -- what a column of an inheritance child has got from its parents by being created
        left join lateral (
            select min(p.attstorage::text), min(p.attcompression::text), bool_or(p.attnotnull)
            from pg_inherits h
            join pg_attribute p on p.attrelid = h.inhparent and p.attname = a.attname
            where r.form is not null and h.inhrelid = a.attrelid and not p.attisdropped
        ) i (storage, compression, not_null) on true
        where a.attnum > 0 and not a.attisdropped
    )
    select
        'pre', case c.relkind when 'f' then 65 when 'm' then 76 else 55 end, 'pg_class'::regclass::oid, c.relid,
        'column', c.name || '.' || c.column_name,
        format('alter %s %s alter column %s %s', c.noun, c.name, c.column_name, c.actions)
    from change c
    where c.actions <> '';
end;

comment on function freehold._ddl_column(oid) is
'What create table cannot say of a column, or INHERITS got otherwise: storage, compression, statistics target, options.';
