-- Drops the log of a home whose schema is gone, and what wrote it.
-- Touches: audit_log (one row).
create or replace function freehold._audit_drop(home_id uuid) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
    set client_min_messages = warning
as $$
begin
    delete from freehold.audit_log as l where l.home_id = _audit_drop.home_id;
    if found then
        perform freehold._audit_run(format('drop function if exists freehold_audit.%I(); drop table if exists freehold_audit.%I',
                                           freehold._audit_writer(home_id), freehold._audit_name(home_id)));
    end if;
end
$$;
