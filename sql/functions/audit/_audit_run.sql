-- Runs a statement as the owner of the logs, through the one definer function that belongs to it; returns the rows it changed.
create or replace function freehold._audit_run(statement text) returns bigint
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_rows bigint;
begin
    execute 'select freehold_audit.execute_statement($1)' into v_rows using statement;
    return v_rows;
end
$$;
