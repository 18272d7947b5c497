-- What a runtime role may do with what there is and what will be: rows and sequences, functions; no TRUNCATE, REFERENCES or
-- TRIGGER. Explicit lists: ON ALL TABLES scans pg_class. Run as the owner with the schema first on the path, as the names
-- are printed; a template's grants travel with its DDL.
create or replace function freehold._runtime_grants(ns regnamespace, rw_role name) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(E';\n',
        format('grant usage on schema %s to %I', ns, rw_role),
        format('alter default privileges in schema %s grant select, insert, update, delete on tables to %I', ns, rw_role),
        format('alter default privileges in schema %s grant usage, select on sequences to %I', ns, rw_role),
        format('alter default privileges in schema %s grant execute on routines to %I', ns, rw_role),
        (select string_agg(format('grant %s to %I', g.objects, rw_role), E';\n' order by g.objects)
         from (
             select k.privileges || string_agg(regexp_replace(d.identity, '\(\*\)$', '()'), ', ' order by d.ordinal) as objects
             from freehold._schema_ddl(ns) as d
             cross join lateral (
                 select case
                     when d.kind in ('table', 'foreign table', 'view', 'materialized view')
                         then 'select, insert, update, delete on table '
                     when d.kind = 'sequence' then 'usage, select on sequence '
                     when d.kind in ('function', 'procedure') or d.kind = 'aggregate' and d.identity !~ 'ORDER BY'
                         then 'execute on routine '
                 end
             ) as k (privileges)
             where k.privileges is not null
             group by k.privileges
         ) as g))
$$;
