-- Procedures are told apart by their output arguments too, so theirs are spelt out with modes. Not regprocedure: to learn
-- whether a name is visible it reads the functions of that name in all schemas, and so one in every tenant. Where a type's
-- name is quoted, a comma may be part of it.
create or replace function freehold._ddl_proc_identity(proc oid, prokind "char", proname name, arguments oidvector)
returns text
language sql
stable
parallel safe
return case
    when prokind = 'p' then format('%I(%s)', proname, pg_get_function_identity_arguments(proc))
    when position('"' in oidvectortypes(arguments)) > 0 then proc::regprocedure::text
    else format('%I(%s)', proname, replace(oidvectortypes(arguments), ', ', ','))
end;

comment on function freehold._ddl_proc_identity(oid, "char", name, oidvector) is
    'A function or procedure as GRANT and COMMENT call it, where its schema is first on the path.';
