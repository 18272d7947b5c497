-- What a runtime role may do with what there is and what will be. To write: rows and sequences, functions; no TRUNCATE,
-- REFERENCES or TRIGGER. To read: rows, and functions that run with the caller's rights, which views and policies may call;
-- a definer function could write, so it is no reader's, and neither is a function that is made later.
-- Explicit lists: ON ALL TABLES scans pg_class. Run as the owner with the schema first on the path, so types are qualified: it
-- may have one called text. A template's grants travel with its DDL.
create or replace function freehold._runtime_grants(ns regnamespace, role name, access text default 'write') returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with object (class, name) as (
        select case c.relkind when 'S' then 'sequence' else 'table' end, format('%s.%I', ns, c.relname)
        from pg_depend as d
        join pg_class as c on c.oid = d.objid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.classid = 'pg_class'::regclass
        union all
        select case when p.prosecdef then 'definer' else 'routine' end, freehold._routine_name(p.oid)
        from pg_depend as d
        join pg_proc as p on p.oid = d.objid
        where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.classid = 'pg_proc'::regclass
    ), privilege (class, verb, what, write, read) as (
        values ('table', 'grant', 'select, insert, update, delete on table', true, false),
               ('table', 'grant', 'select on table', false, true),
               ('sequence', 'grant', 'usage, select on sequence', true, false),
               ('sequence', 'grant', 'select on sequence', false, true),
               ('routine', 'grant', 'execute on routine', true, true),
               ('definer', 'grant', 'execute on routine', true, false),
               ('definer', 'revoke', 'execute on routine', false, true)
    )
    select concat_ws(E';\n',
        format('grant usage on schema %s to %I', ns, role),
        case access
            when 'write' then format(
                'alter default privileges in schema %1$s grant select, insert, update, delete on tables to %2$I;
                 alter default privileges in schema %1$s grant usage, select on sequences to %2$I;
                 alter default privileges in schema %1$s grant execute on routines to %2$I', ns, role)
            else format(
                'alter default privileges in schema %1$s grant select on tables to %2$I;
                 alter default privileges in schema %1$s grant select on sequences to %2$I', ns, role)
        end,
        (select string_agg(format('%s %s %s %s %I', s.verb, s.what, s.names, case s.verb when 'grant' then 'to' else 'from' end, role),
                           E';\n' order by s.what, s.verb)
         from (select p.verb, p.what, string_agg(o.name, ', ' order by o.name) as names
               from object as o
               join privilege as p on p.class = o.class and case access when 'write' then p.write else p.read end
               group by p.verb, p.what) as s))
$$;
