-- A renamed schema does not reach the search_path that a function sets for itself: the statements that mend those
-- for its new name, which is given quoted.
create or replace function freehold._schema_paths(ns regnamespace, new_name text) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select string_agg(format('alter routine %s set search_path = %s', p.oid::regprocedure, path.elements), E';\n')
    from pg_depend as d
    join pg_proc as p on p.oid = d.objid
    join pg_namespace as n on n.oid = p.pronamespace
    cross join lateral unnest(p.proconfig) as c (setting)
    cross join lateral (
        select string_agg(case when e.element = n.nspname then new_name else quote_ident(e.element) end, ', ' order by e.n)
                   as elements,
               bool_or(e.element = n.nspname) as names_it
        from regexp_matches(substr(c.setting, length('search_path=') + 1), '"(?:[^"]|"")*"|[^,\s]+', 'g') with ordinality as m (match, n),
             lateral (select m.match[1], m.n) as r (quoted, n),
             lateral (select case when r.quoted like '"%"' then replace(substr(r.quoted, 2, length(r.quoted) - 2), '""', '"')
                                  else r.quoted end, r.n) as e (element, n)
    ) as path
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.classid = 'pg_proc'::regclass
        and c.setting like 'search_path=%' and path.names_it
$$;
