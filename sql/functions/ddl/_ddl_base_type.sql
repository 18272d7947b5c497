create or replace function freehold._ddl_base_type(ns oid)
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
            'create type %I (%s)',
            t.typname,
            concat_ws(
                ', ',
                'input = ' || freehold._ddl_proc_name(ns, t.typinput::oid),
                'output = ' || freehold._ddl_proc_name(ns, t.typoutput::oid),
                'receive = ' || freehold._ddl_proc_name(ns, t.typreceive::oid),
                'send = ' || freehold._ddl_proc_name(ns, t.typsend::oid),
                'typmod_in = ' || freehold._ddl_proc_name(ns, t.typmodin::oid),
                'typmod_out = ' || freehold._ddl_proc_name(ns, t.typmodout::oid),
                'analyze = ' || freehold._ddl_proc_name(ns, t.typanalyze::oid),
                'subscript = ' || freehold._ddl_proc_name(ns, t.typsubscript::oid),
                'internallength = ' || case t.typlen when -1 then 'variable' else t.typlen::text end,
                case when t.typbyval then 'passedbyvalue' end,
                'alignment = ' || case t.typalign
                    when 'c' then 'char' when 's' then 'int2' when 'i' then 'int4' when 'd' then 'double'
                end,
                'storage = ' || case t.typstorage
                    when 'p' then 'plain' when 'e' then 'external' when 'x' then 'extended' when 'm' then 'main'
                end,
                'category = ' || quote_literal(t.typcategory::text),
                case when t.typispreferred then 'preferred = true' end,
                'default = ' || quote_literal(t.typdefault),
                case when t.typelem <> 0 then 'element = ' || format_type(t.typelem, null) end,
                'delimiter = ' || quote_literal(t.typdelim::text),
                case when t.typcollation <> 0 then 'collatable = true' end))
    from freehold._ddl_own(ns, 'pg_type'::regclass) o (oid)
    join pg_type t on t.oid = o.oid
    where t.typtype = 'b';
end;

comment on function freehold._ddl_base_type(oid) is 'Base types of a schema.';
