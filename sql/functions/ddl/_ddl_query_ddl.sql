-- Deparsed under pg_catalog first, a bare name means pg_catalog's wherever the schema has its like. Replayed under the
-- schema first it would be caught; so there the statement brings its own path.
create or replace function freehold._ddl_query_ddl(ns oid, kind text, ddl text, hiding boolean)
returns text
language sql
stable
return case
    when not hiding or kind not in ('view', 'materialized view', 'rule') then freehold._ddl_bare(ns, freehold._ddl_exact_query(ddl))
    else format(
        'do %s',
        freehold._ddl_dollar(format(
            E'begin\n'
            'perform pg_catalog.set_config(''search_path'', %L, true);\n'
            'execute %L;\n'
            'perform pg_catalog.set_config(''search_path'', %L, true);\n'
            'end',
            'pg_catalog, ' || freehold._ddl_schema() || ', pg_temp',
            freehold._ddl_bare(ns, regexp_replace(
                regexp_replace(
                    freehold._ddl_exact_query(ddl),
                    '^(create (?:materialized |recursive )*view )',
                    '\1' || replace(freehold._ddl_schema(), '\', '\\') || '.'),
                '\s*;\s*$', '')),
            freehold._ddl_schema() || ', pg_catalog, pg_temp')))
end;

comment on function freehold._ddl_query_ddl(oid, text, text, boolean) is
    'The statement of a view, materialised view or rule, fit for replay under the schema first.';
