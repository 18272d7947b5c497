create or replace function freehold._ddl_operator_family(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'pre'::text,
        35,
        'pg_opfamily'::regclass::oid,
        f.oid,
        'operator family'::text,
        format('%I using %I', f.opfname, m.amname),
        format('create operator family %I using %I', f.opfname, m.amname)
    from freehold._ddl_own(ns, 'pg_opfamily'::regclass) o (oid)
    join pg_opfamily f on f.oid = o.oid
    join pg_am m on m.oid = f.opfmethod
    union all
    select
        'pre'::text,
        37,
        i.classid,
        i.objid,
        'operator family member'::text,
        format('%I using %I %s', f.opfname, m.amname, i.item),
        format('alter operator family %I using %I add %s', f.opfname, m.amname, i.item)
    from freehold._ddl_own(ns, 'pg_opfamily'::regclass) o (oid)
    join pg_opfamily f on f.oid = o.oid
    join pg_am m on m.oid = f.opfmethod
    cross join lateral freehold._ddl_operator_member(ns, f.oid) i
    where i.opclass = 0;
end;

comment on function freehold._ddl_operator_family(oid) is 'Operator families of a schema and their loose members.';
