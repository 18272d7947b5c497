-- Makes partitions of a home's log until two widths ahead, a week at least, and at most so many; returns how many. Whoever writes
-- into one of the others is not kept waiting.
-- Touches: audit_log (one row, locked by the caller).
create or replace function freehold._audit_ahead(log freehold.audit_log, most integer) returns integer
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_log constant name := freehold._audit_name(log.home_id);
    v_horizon constant timestamptz := freehold._audit_horizon(log.partition_width);
    v_from timestamptz := log.partitioned_until;
    v_to timestamptz;
    v_made integer := 0;
begin
    if v_from > v_horizon then
        return 0;
    end if;
    perform freehold._audit_run(format(
        'lock table only freehold_audit.%1$I in share update exclusive mode; lock table freehold_audit.%2$I in access exclusive mode',
        v_log, v_log || '_rest'));
    while v_from <= v_horizon and v_made < most loop
        v_to := freehold._audit_partition_next(v_from, log.partition_width);
        perform freehold._audit_partition_add(log.home_id, format('%s_%s', v_log, to_char(v_from at time zone 'UTC', 'YYYYMMDD')),
                                              v_from, v_to);
        v_from := v_to;
        v_made := v_made + 1;
    end loop;
    update freehold.audit_log as l set partitioned_until = v_from where l.home_id = log.home_id;
    return v_made;
end
$$;
