create or replace function freehold._ddl_conversion(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'pre'::text,
        35,
        'pg_conversion'::regclass::oid,
        c.oid,
        'conversion'::text,
        quote_ident(c.conname::text),
        format(
            'create %sconversion %I for %L to %L from %s',
            case when c.condefault then 'default ' else '' end,
            c.conname,
            pg_encoding_to_char(c.conforencoding),
            pg_encoding_to_char(c.contoencoding),
            freehold._ddl_proc_name(ns, c.conproc::oid))
    from freehold._ddl_own(ns, 'pg_conversion'::regclass) o (oid)
    join pg_conversion c on c.oid = o.oid;
end;

comment on function freehold._ddl_conversion(oid) is 'Encoding conversions of a schema.';
