create or replace function freehold._ddl_name(ns oid, nsp oid, name name)
returns text
language sql
stable
parallel safe
return case
    when nsp = ns then quote_ident(name::text)
    else nsp::regnamespace::text || '.' || quote_ident(name::text)
end;

comment on function freehold._ddl_name(oid, oid, name) is
    'A name, bare in its own schema and qualified elsewhere, pg_catalog included.';
