create or replace function freehold._ddl_collation(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'pre'::text,
        10,
        'pg_collation'::regclass::oid,
        c.oid,
        'collation'::text,
        quote_ident(c.collname::text),
        format(
            'create collation %I (%s)',
            c.collname,
            concat_ws(
                ', ',
                'provider = ' || case c.collprovider when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end,
                case when not c.collisdeterministic then 'deterministic = false' end,
                -- 15 and 16 call it colliculocale, and 16 brought rules
                'locale = ' || quote_literal(coalesce(j ->> 'colllocale', j ->> 'colliculocale')),
                'lc_collate = ' || quote_literal(c.collcollate),
                'lc_ctype = ' || quote_literal(c.collctype),
                'rules = ' || quote_literal(j ->> 'collicurules')))
    from freehold._ddl_own(ns, 'pg_collation'::regclass) o (oid)
    join pg_collation c on c.oid = o.oid
    cross join lateral to_jsonb(c) j;
end;

comment on function freehold._ddl_collation(oid) is 'Collations of a schema.';
