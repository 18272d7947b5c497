create or replace function freehold._ddl_composite(ns oid)
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
            'create type %I as (%s)',
            t.typname,
            (select string_agg(
                    format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
                    || case
                        when a.attcollation <> 0 and a.attcollation <> b.typcollation
                            then ' collate ' || freehold._ddl_collation_name(ns, a.attcollation)
                        else ''
                    end,
                    ', ' order by a.attnum)
                from pg_attribute a
                join pg_type b on b.oid = a.atttypid
                where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped))
    from freehold._ddl_own(ns, 'pg_type'::regclass) o (oid)
    join pg_type t on t.oid = o.oid
    where t.typtype = 'c';
end;

comment on function freehold._ddl_composite(oid) is 'Composite types of a schema.';
