-- What schema_fingerprint() says of the schema that the statements were deparsed from.
create or replace function freehold._template_fingerprint(ddl freehold.template_ddl[]) returns text
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select encode(
        sha256(convert_to(
            coalesce(string_agg(format('%s %s: %s;', d.kind, d.identity, d.ddl), E'\n' order by d.ordinal), ''),
            'UTF8')),
        'hex')
    from unnest(ddl) as d
    where d.phase <> 'data'
$$;
