create or replace function freehold._ddl_aggregate_identity(proc oid, proname name)
returns text
language sql
stable
parallel safe
return format('%I(%s)', proname, coalesce(nullif(pg_get_function_identity_arguments(proc), ''), '*'));

comment on function freehold._ddl_aggregate_identity(oid, name) is 'An aggregate as COMMENT calls it.';
