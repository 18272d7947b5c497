-- Locks that dropping a whole schema takes, or making one like it: its relations', two a type, which has an array type, two a
-- function that is made, with default privileges for it, and one for what else is in it.
create or replace function freehold._schema_locks(ns oid, making boolean default false) returns bigint
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select (select coalesce(sum(r.locks + case when making then 0 else r.triggers end), 0) from freehold._relation_locks(ns) as r)::bigint
           + (select coalesce(sum(case when d.classid = 'pg_type'::regclass or making and d.classid = 'pg_proc'::regclass then 2
                                       else 1 end), 0)
              from pg_depend as d
              where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.classid <> 'pg_class'::regclass)
           -- The audit's log and its function.
           + (select coalesce(sum(case when making then 20 else freehold._audit_locks(l.home_id) end), 0)
              from freehold.audit_log as l where l.home_id = freehold._audit_home(ns))::bigint
$$;
