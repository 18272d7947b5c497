create or replace function freehold._ddl_rows(ns oid)
returns setof freehold._ddl_part
language sql stable
begin atomic
    select
        'data', 10, 'pg_class'::regclass::oid, r.relid, 'rows',
        r.name,
        concat(
            'insert into ', r.name, ' (' || l.columns || ')',
            case when l.always then ' overriding system value' end,
            ' select', ' ' || l.expressions, format(' from only %I.%s', n.nspname, r.name)
        )
    from freehold._ddl_relation(ns) r
    join pg_class c on c.oid = r.relid
    join pg_namespace n on n.oid = c.relnamespace
    left join lateral (
        select
            string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns,
            string_agg(
                case
                    -- a type of the schema has its like there, but no cast leads to it
                    when ns in (t.typnamespace, e.typnamespace, b.typnamespace, f.typnamespace)
                        and (t.typtype <> 'd' or ns in (b.typnamespace, f.typnamespace))
                    then quote_ident(a.attname) || '::pg_catalog.text::' || format_type(a.atttypid, a.atttypmod)
                    -- the number of an object of the schema becomes that of its like, where there is one by now
                    when t.oid in ('regclass'::regtype, 'regtype'::regtype, 'regproc'::regtype, 'regprocedure'::regtype)
                    then format(
                        'case when pg_catalog.starts_with(%1$I::pg_catalog.text, %2$L) then coalesce('
                        'pg_catalog.to_%3$s(pg_catalog.replace(%1$I::pg_catalog.text, %2$L, %4$L)), %1$I) else %1$I end',
                        a.attname, quote_ident(n.nspname) || '.', t.typname, '')
                    else quote_ident(a.attname)
                end,
                ', '
                order by a.attnum
            ) as expressions,
            bool_or(a.attidentity = 'a') as always
        from pg_attribute a
        join pg_type t on t.oid = a.atttypid
        left join pg_type e on e.oid = t.typelem
        left join pg_type b on b.oid = t.typbasetype
        left join pg_type f on f.oid = b.typelem
        where a.attrelid = r.relid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    ) l on true
    where r.relkind = 'r';
end;

comment on function freehold._ddl_rows(oid) is
'One statement for each table or partition that holds rows: copies them from the schema where they are.';
