create or replace function freehold._ddl_matview(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        'pre', 75, 'pg_class'::regclass::oid, r.relid, 'materialized view', r.name,
        concat(
            'create materialized view ', r.name,
            (
                select ' using ' || quote_ident(m.amname)
                from pg_am m
                where m.oid = c.relam and m.amname <> 'heap'
            ),
            freehold._ddl_with(c.reloptions, c.reltoastrelid),
            (
                select ' tablespace ' || quote_ident(s.spcname)
                from pg_tablespace s
                where s.oid = c.reltablespace
            ),
            E' as\n', rtrim(pg_get_viewdef(r.relid), ';'), E'\nwith no data'
        )
    from freehold._ddl_relation(ns) r
    join pg_class c on c.oid = r.relid
    where r.relkind = 'm'
    union all
    select
        'post', 190, 'pg_class'::regclass, r.relid, 'materialized view rows', r.name,
        format('refresh materialized view %s', r.name)
    from freehold._ddl_relation(ns) r
    join pg_class c on c.oid = r.relid
    where r.relkind = 'm' and c.relispopulated;
end;

comment on function freehold._ddl_matview(oid) is
'The materialised views of a schema, created empty; those that are populated are refreshed when all else is in place.';
