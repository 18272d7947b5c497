-- security definer: the owner role may use every tenant's and template's schema, an administrator none. Touches: catalogs
-- only.
create or replace function freehold.schema_fingerprint(ns regnamespace)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '10s'
begin atomic
    select encode(
        sha256(convert_to(
            coalesce(string_agg(format('%s %s: %s;', d.kind, d.identity, d.ddl), E'\n' order by d.ordinal), ''),
            'UTF8')),
        'hex')
    from freehold._ddl_normal(ns) d
    where d.phase <> 'data';
end;

comment on function freehold.schema_fingerprint(regnamespace) is
    'One hash over the definition of a schema (rows and sequence values aside): equal for schemas that are alike.';
