-- The cluster and database this is. Where the cluster's identifier may not be asked for, the database's alone.
create or replace function freehold._seal_place() returns text
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_database constant oid := (select d.oid from pg_database as d where d.datname = current_database());
begin
    return format('%s/%s', (select c.system_identifier from pg_control_system() as c), v_database);
exception
    when insufficient_privilege then
        return format('?/%s', v_database);
end
$$;
