create or replace function freehold._ddl_enum(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'pre'::text,
        20,
        'pg_type'::regclass::oid,
        t.oid,
        'type'::text,
        quote_ident(t.typname::text),
        format(
            'create type %I as enum (%s)',
            t.typname,
            (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
                from pg_enum e where e.enumtypid = t.oid))
    from freehold._ddl_own(ns, 'pg_type'::regclass) o (oid)
    join pg_type t on t.oid = o.oid
    where t.typtype = 'e';
end;

comment on function freehold._ddl_enum(oid) is 'Enum types of a schema.';
