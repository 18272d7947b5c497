-- Procedures are told apart by their output arguments too, so theirs are spelt out with modes.
create or replace function freehold._ddl_proc_identity(proc oid, prokind "char", proname name)
returns text
language sql
stable
parallel safe
return case prokind
    when 'p' then format('%I(%s)', proname, pg_get_function_identity_arguments(proc))
    else proc::regprocedure::text
end;

comment on function freehold._ddl_proc_identity(oid, "char", name) is
    'A function or procedure as GRANT and COMMENT call it.';
