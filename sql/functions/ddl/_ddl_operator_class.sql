create or replace function freehold._ddl_operator_class(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'pre'::text,
        36,
        'pg_opclass'::regclass::oid,
        c.oid,
        'operator class'::text,
        format('%I using %I', c.opcname, m.amname),
        format(
            'create operator class %I %sfor type %s using %I family %s as %s',
            c.opcname,
            case when c.opcdefault then 'default ' else '' end,
            format_type(c.opcintype, null),
            m.amname,
            freehold._ddl_name(ns, f.opfnamespace, f.opfname),
            concat_ws(
                ', ',
                (select string_agg(i.item, ', ' order by i.sort, i.item collate "C")
                    from freehold._ddl_operator_member(ns, c.opcfamily) i where i.opclass = c.oid),
                'storage ' || format_type(coalesce(nullif(c.opckeytype, 0), c.opcintype), null)))
    from freehold._ddl_own(ns, 'pg_opclass'::regclass) o (oid)
    join pg_opclass c on c.oid = o.oid
    join pg_opfamily f on f.oid = c.opcfamily
    join pg_am m on m.oid = c.opcmethod;
end;

comment on function freehold._ddl_operator_class(oid) is 'Operator classes of a schema.';
