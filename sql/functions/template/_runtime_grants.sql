-- What a runtime role may do with what there is and what will be: rows and sequences, functions; no TRUNCATE, REFERENCES or
-- TRIGGER. Explicit lists: ON ALL TABLES scans pg_class. Run as the owner; a template's grants travel with its DDL.
create or replace function freehold._runtime_grants(ns regnamespace, rw_role name) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(E';\n',
        format('grant usage on schema %s to %I', ns, rw_role),
        format('alter default privileges in schema %s grant select, insert, update, delete on tables to %I', ns, rw_role),
        format('alter default privileges in schema %s grant usage, select on sequences to %I', ns, rw_role),
        format('alter default privileges in schema %s grant execute on routines to %I', ns, rw_role),
        (select string_agg(format('grant %s on %s to %I', g.privileges, g.objects, rw_role), E';\n')
         from (
             select case c.relkind when 'S' then 'usage, select' else 'select, insert, update, delete' end as privileges,
                    case c.relkind when 'S' then 'sequence ' else 'table ' end
                    || string_agg(format('%I.%I', n.nspname, c.relname), ', ' order by c.relname) as objects
             from pg_depend as d
             join pg_class as c on c.oid = d.objid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
             join pg_namespace as n on n.oid = c.relnamespace
             where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.classid = 'pg_class'::regclass
             group by c.relkind = 'S', c.relkind
             union all
             select 'execute', 'routine ' || string_agg(p.oid::regprocedure::text, ', ' order by p.oid)
             from pg_depend as d
             join pg_proc as p on p.oid = d.objid
             where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.classid = 'pg_proc'::regclass
             having count(*) > 0
         ) as g))
$$;
