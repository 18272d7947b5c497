-- Turns a home's log back into one table: all of it is copied.
-- Touches: audit_log (one row), the log (locked against everybody).
create or replace function freehold._audit_merge(home_id uuid) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_log constant name := freehold._audit_name(home_id);
    v_old constant name := v_log || '_old';
    v_last bigint;
begin
    perform freehold._lock_check(freehold._audit_locks(home_id) + 60, 'making one table of a log');
    perform freehold._audit_run(format('lock table freehold_audit.%I in access exclusive mode', v_log));
    v_last := pg_sequence_last_value(format('freehold_audit.%I', v_log || '_id_seq')::regclass);
    perform freehold._audit_run(format(
        'alter table freehold_audit.%1$I alter id drop identity; alter table freehold_audit.%1$I rename to %2$I', v_log, v_old));
    perform freehold._audit_log(home_id, partitioned => false);
    perform freehold._audit_run(format(
        'insert into freehold_audit.%1$I overriding system value select o.* from freehold_audit.%2$I as o order by o.id', v_log, v_old));
    perform freehold._audit_counter_set(home_id, v_last);
    perform freehold._audit_run(format('drop table freehold_audit.%I', v_old));
    update freehold.audit_log as l set partition_width = null, partitioned_until = null where l.home_id = _audit_merge.home_id;
end
$$;
