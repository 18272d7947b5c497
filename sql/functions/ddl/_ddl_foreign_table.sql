create or replace function freehold._ddl_foreign_table(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        'pre', 60, 'pg_class'::regclass::oid, t.relid, 'foreign table', t.name,
        concat(
            t.head, t.body, t.tail, format(' server %I', s.srvname),
            ' options (' || freehold._ddl_fdw_options(f.ftoptions) || ')'
        )
    from freehold._ddl_relation_text(ns, 'f') t
    join pg_foreign_table f on f.ftrelid = t.relid
    join pg_foreign_server s on s.oid = f.ftserver;
end;

comment on function freehold._ddl_foreign_table(oid) is
'The foreign tables of a schema; their servers belong to the database and are only named.';
