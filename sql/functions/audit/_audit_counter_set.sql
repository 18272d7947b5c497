-- A log's ids go on after the last that was given out.
create or replace function freehold._audit_counter_set(home_id uuid, last bigint) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    if last is not null then
        perform freehold._audit_run(format('select setval(%L, %s)', format('freehold_audit.%I', freehold._audit_name(home_id) || '_id_seq'),
                                           last));
    end if;
end
$$;
