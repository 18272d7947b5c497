-- A renamed schema does not reach the search_path that a function sets for itself: the statements that mend those.
create or replace function freehold._schema_paths(ns regnamespace, new_name name) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select string_agg(format('alter routine %I.%s set search_path = %s', new_name, o.identity, path.elements), E';\n')
    from freehold._schema_object(ns) as o
    join pg_proc as p on p.oid = o.objid and o.classid = 'pg_proc'::regclass
    cross join lateral unnest(p.proconfig) as c (setting)
    cross join lateral (
        select string_agg(quote_ident(case when e.element = n.nspname then new_name else e.element end), ', ' order by e.n)
                   as elements,
               bool_or(e.element = n.nspname) as names_it
        from pg_namespace as n,
             regexp_split_to_table(substr(c.setting, length('search_path=') + 1), ',\s*') with ordinality as r (quoted, n),
             lateral (select case when r.quoted like '"%"' then replace(substr(r.quoted, 2, length(r.quoted) - 2), '""', '"')
                                  else r.quoted end, r.n) as e (element, n)
        where n.oid = ns
    ) as path
    where c.setting like 'search_path=%' and path.names_it
$$;
