create or replace function freehold._ddl_view(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        'pre', 70, 'pg_class'::regclass::oid, r.relid, 'view', r.name,
        concat(
            'create view ', r.name, ' with (' || freehold._ddl_options(c.reloptions) || ')',
            E' as\n', rtrim(pg_get_viewdef(r.relid), ';')
        )
    from freehold._ddl_relation(ns) r
    join pg_class c on c.oid = r.relid
    where r.relkind = 'v';
end;

comment on function freehold._ddl_view(oid) is
'The views of a schema with their options (security_invoker, security_barrier, check_option).';
