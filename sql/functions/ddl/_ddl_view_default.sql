create or replace function freehold._ddl_view_default(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        'pre', 72, 'pg_attrdef'::regclass::oid, d.oid, 'view default', format('%s.%I', r.name, a.attname),
        format('alter view %s alter column %I set default %s', r.name, a.attname, pg_get_expr(d.adbin, d.adrelid))
    from freehold._ddl_relation(ns) r
    join pg_attrdef d on d.adrelid = r.relid
    join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
    where r.relkind = 'v';
end;

comment on function freehold._ddl_view_default(oid) is
'The defaults of a schema''s view columns.';
