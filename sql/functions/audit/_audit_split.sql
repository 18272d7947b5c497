-- Turns a home's log into one with partitions. What it holds stays where it is and becomes its first partition, which takes what is
-- written until the next begins: it is read once, not copied.
-- Touches: audit_log (one row), the log (locked against everybody).
create or replace function freehold._audit_split(home_id uuid, width interval) returns void
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_log constant name := freehold._audit_name(home_id);
    v_past constant name := v_log || '_past';
    v_unit constant text := case when width < interval '1 month' or extract(day from width) > 0 then 'day' else 'month' end;
    v_last bigint;
    v_newest timestamptz;
    v_from timestamptz;
begin
    perform freehold._audit_run(format('lock table freehold_audit.%I in access exclusive mode', v_log));
    v_last := pg_sequence_last_value(format('freehold_audit.%I', v_log || '_id_seq')::regclass);
    execute format('select max(l.at) from freehold_audit.%I as l', v_log) into v_newest;
    v_from := date_trunc(v_unit, greatest(v_newest, freehold._now()) at time zone 'UTC') at time zone 'UTC';
    perform freehold._audit_run(format(
        'alter table freehold_audit.%1$I alter id drop identity;
         alter table freehold_audit.%1$I rename to %2$I;
         revoke all on freehold_audit.%2$I from %3$I', v_log, v_past, freehold._role('owner')));
    perform freehold._audit_log(home_id, partitioned => true);
    perform freehold._audit_counter_set(home_id, v_last);
    if v_newest is null then
        perform freehold._audit_run(format('drop table freehold_audit.%I', v_past));
    else
        v_from := freehold._audit_partition_next(v_from, width);
        perform freehold._audit_run(format(
            'alter table freehold_audit.%1$I attach partition freehold_audit.%2$I for values from (minvalue) to (%3$L);
             comment on table freehold_audit.%2$I is %4$L', v_log, v_past, v_from, format('Of the rows that home %s changed.', home_id)));
    end if;
    update freehold.audit_log as l set partition_width = width, partitioned_until = v_from where l.home_id = _audit_split.home_id;
end
$$;
