-- security definer: the owner role may use every tenant's and template's schema, an administrator none. Touches: catalogs
-- only.
create or replace function freehold.schema_ddl(ns regnamespace)
returns table (ordinal integer, phase text, kind text, identity text, ddl text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '10s'
begin atomic
    select d.ordinal, d.phase, d.kind, d.identity, d.ddl from freehold._schema_ddl(ns) d;
end;

comment on function freehold.schema_ddl(regnamespace) is
    'The DDL of a schema as ordered rows: phase pre (types, functions, tables, views), data (rows, sequence values), post '
    '(keys, indexes, foreign keys, triggers, policies, comments, privileges). Run them as the owner of another, empty schema '
    'with set search_path = <that schema>, pg_catalog, pg_temp and check_function_bodies off to have a copy. Privileges are '
    'those of the catalog; large objects and security labels are not part of it.';
