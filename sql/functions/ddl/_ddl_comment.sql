create or replace function freehold._ddl_comment(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select 'post'::text, 200, o.classid, o.objid, 'comment'::text, o.target, format('comment on %s is %L', o.target, d.description)
    from freehold._schema_object(ns) o
    -- fenced, here and below: taken for many, the objects would be met by a scan of all comments of the database
    cross join lateral (
        select t.description from pg_description t
        where t.objoid = o.objid and t.classoid = o.classid and t.objsubid = 0
        offset 0) d
    union all
    select
        'post'::text, 200, 'pg_class'::regclass::oid, c.oid, 'comment'::text,
        format('column %I.%I', c.relname, a.attname),
        format('comment on column %I.%I is %L', c.relname, a.attname, d.description)
    from (
        select r.oid from freehold._ddl_relation_any(ns) r (oid)
        union all
        select t.typrelid
        from freehold._ddl_own(ns, 'pg_type'::regclass) o (oid)
        join pg_type t on t.oid = o.oid
        where t.typtype = 'c'
    ) r
    join pg_class c on c.oid = r.oid
    cross join lateral (
        select t.objsubid, t.description from pg_description t
        where t.objoid = c.oid and t.classoid = 'pg_class'::regclass and t.objsubid > 0
        offset 0) d
    join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid
    where not a.attisdropped
    union all
    select
        'post'::text, 200, 'pg_namespace'::regclass::oid, ns, 'comment'::text,
        format('schema %s', freehold._ddl_schema()),
        format('comment on schema %s is %L', freehold._ddl_schema(), d.description)
    from pg_description d
    where d.objoid = ns and d.classoid = 'pg_namespace'::regclass and d.objsubid = 0;
end;

comment on function freehold._ddl_comment(oid) is 'Comments on the schema, on everything in it and on columns.';
