create or replace function freehold._ddl_default(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        'post', 90, 'pg_attrdef'::regclass::oid, d.oid, 'default', format('%s.%I', r.name, a.attname),
        format(
            'alter %s only %s alter column %I set default %s',
            case r.relkind when 'f' then 'foreign table' else 'table' end,
            r.name, a.attname, pg_get_expr(d.adbin, d.adrelid)
        )
    from freehold._ddl_separate(ns) s
    join freehold._ddl_relation(ns) r on r.relid = s.relid
    join pg_attrdef d on d.oid = s.objid
    join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
    where s.classid = 'pg_attrdef'::regclass and r.relkind <> 'v';
end;

comment on function freehold._ddl_default(oid) is
'The column defaults of a schema''s tables that need something that can only be made after their table.';
