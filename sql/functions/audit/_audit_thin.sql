-- Drops partitions of a home's log, as many as a third of the lock table's room takes, where there are more; returns whether it did.
create or replace function freehold._audit_thin(home_id uuid) returns boolean
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_most constant integer := greatest(freehold._lock_room() / 3 / 16, 1);
    v_names constant text[] := array(select format('freehold_audit.%I', p.name) from freehold._audit_partition(home_id) as p);
begin
    if cardinality(v_names) <= v_most then
        return false;
    end if;
    perform freehold._audit_run(format('drop table %s', array_to_string(v_names[1:v_most], ', ')));
    return true;
end
$$;
