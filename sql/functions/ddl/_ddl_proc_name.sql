-- Not regproc: its output is qualified as soon as the name is overloaded.
create or replace function freehold._ddl_proc_name(ns oid, proc oid)
returns text
language sql
stable
parallel safe
return (select freehold._ddl_name(ns, p.pronamespace, p.proname) from pg_proc p where p.oid = proc);

comment on function freehold._ddl_proc_name(oid, oid) is
    'The name of a function without its arguments, bare in its own schema.';
