create or replace function freehold._ddl_range(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'pre'::text,
        25,
        'pg_type'::regclass::oid,
        t.oid,
        'type'::text,
        quote_ident(t.typname::text),
        format(
            'create type %I as range (%s)',
            t.typname,
            concat_ws(
                ', ',
                'subtype = ' || format_type(r.rngsubtype, null),
                'subtype_opclass = ' || freehold._ddl_name(ns, c.opcnamespace, c.opcname),
                case
                    when r.rngcollation <> s.typcollation
                        then 'collation = ' || freehold._ddl_collation_name(ns, r.rngcollation)
                end,
                case
                    when r.rngcanonical <> 0
                        then 'canonical = ' || freehold._ddl_proc_name(ns, r.rngcanonical)
                end,
                case
                    when r.rngsubdiff <> 0
                        then 'subtype_diff = ' || freehold._ddl_proc_name(ns, r.rngsubdiff)
                end,
                'multirange_type_name = ' || freehold._ddl_name(ns, m.typnamespace, m.typname)))
    from freehold._ddl_own(ns, 'pg_type'::regclass) o (oid)
    join pg_type t on t.oid = o.oid
    join pg_range r on r.rngtypid = t.oid
    join pg_type s on s.oid = r.rngsubtype
    join pg_opclass c on c.oid = r.rngsubopc
    join pg_type m on m.oid = r.rngmultitypid
    where t.typtype = 'r';
end;

comment on function freehold._ddl_range(oid) is 'Range types of a schema.';
