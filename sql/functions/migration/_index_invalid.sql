-- Indexes of a schema that a CREATE INDEX CONCURRENTLY left unfinished. Found through pg_depend.
create or replace function freehold._index_invalid(ns oid) returns text[]
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(c.relname::text order by c.relname), '{}')
    from (select d.objid from pg_depend as d
          where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.classid = 'pg_class'::regclass offset 0) as t
    join pg_index as i on i.indrelid = t.objid and not i.indisvalid
    join pg_class as c on c.oid = i.indexrelid and c.relkind = 'i'
$$;
