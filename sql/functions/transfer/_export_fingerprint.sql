-- One hash over the definition of a schema, as schema_fingerprint() has it but without publications.
create or replace function freehold._export_fingerprint(ns regnamespace) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select encode(sha256(convert_to(
        coalesce(string_agg(format('%s %s: %s;', d.kind, d.identity, d.ddl), E'\n' order by d.ordinal), ''), 'UTF8')), 'hex')
    from freehold._ddl_normal(ns) as d
    where d.phase <> 'data' and d.kind <> 'publication'
$$;
