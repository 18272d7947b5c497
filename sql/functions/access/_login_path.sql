-- A login of a tenant sees its schema, in this database; nothing depends on it for safety.
create or replace function freehold._login_path(role name, schema_name name) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select format('alter role %I in database %I set search_path = %I, pg_catalog, pg_temp', role, current_database(), schema_name)
$$;
