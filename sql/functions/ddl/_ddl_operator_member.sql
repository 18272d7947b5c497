-- A family's members as the items of CREATE OPERATOR CLASS or ALTER OPERATOR FAMILY; class says which of them belong hard
-- to an operator class (0: to none).
create or replace function freehold._ddl_operator_member(ns oid, family oid)
returns table (classid oid, objid oid, opclass oid, sort text, item text)
language sql
stable
begin atomic
    select
        'pg_amop'::regclass::oid,
        a.oid,
        coalesce(d.refobjid, 0::oid),
        format('o%s', to_char(a.amopstrategy, '00000')),
        format(
            'operator %s %s (%s, %s)',
            a.amopstrategy,
            -- without the keyword OPERATOR in this place
            (select case when o.oprnamespace = ns then '' else o.oprnamespace::regnamespace::text || '.' end || o.oprname
                from pg_operator o where o.oid = a.amopopr),
            format_type(a.amoplefttype, null),
            format_type(a.amoprighttype, null))
        || coalesce(
            (select ' for order by ' || freehold._ddl_name(ns, f.opfnamespace, f.opfname)
                from pg_opfamily f where f.oid = a.amopsortfamily),
            '')
    from pg_amop a
    left join lateral (
        select c.refobjid from pg_depend c
        where c.classid = 'pg_amop'::regclass and c.objid = a.oid
            and c.refclassid = 'pg_opclass'::regclass and c.deptype = 'i'
        offset 0
    ) d on true
    where a.amopfamily = family
    union all
    select
        'pg_amproc'::regclass::oid,
        a.oid,
        coalesce(d.refobjid, 0::oid),
        format('p%s', to_char(a.amprocnum, '00000')),
        format(
            'function %s (%s, %s) %s',
            a.amprocnum,
            format_type(a.amproclefttype, null),
            format_type(a.amprocrighttype, null),
            a.amproc::oid::regprocedure)
    from pg_amproc a
    left join lateral (
        select c.refobjid from pg_depend c
        where c.classid = 'pg_amproc'::regclass and c.objid = a.oid
            and c.refclassid = 'pg_opclass'::regclass and c.deptype = 'i'
        offset 0
    ) d on true
    where a.amprocfamily = family;
end;

comment on function freehold._ddl_operator_member(oid, oid) is 'Operators and support functions of an operator family.';
