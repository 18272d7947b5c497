-- Drops partitions of a home's log that are past as a whole, and of which nothing has to stay, until so many of them or of entries
-- are gone: whole files, where rows would leave holes. Not the last one, where the next begins. A partition is counted while readers
-- go on; it goes when nobody is at the log, which is waited for two seconds: what is left is deleted by rows.
-- Touches: the log (a moment locked against everybody).
create or replace function freehold._audit_purge_partitions(
    log freehold.audit_log, cutoff timestamptz, sealed xid8, epoch_id bigint, most integer, batch bigint,
    out partitions integer, out entries bigint
)
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '2s'
as $$
declare
    v_part record;
    v_found bigint;
    v_stay bigint;
begin
    partitions := 0;
    entries := 0;
    -- An older snapshot does not see all that goes.
    if current_setting('transaction_isolation') <> 'read committed' then
        return;
    end if;
    for v_part in
        select p.name, p.lower, p.upper from freehold._audit_partition(log.home_id) as p
        where p.upper <= cutoff and p.upper < log.partitioned_until
        order by p.upper
    loop
        exit when entries >= batch or partitions >= most;
        begin
            perform freehold._audit_run(format('lock table freehold_audit.%I in share mode', v_part.name));
            execute format('select count(*), count(*) filter (where $3 is not null and (o.xid < $3 or o.id < $4) is not true)
                            from freehold_audit.%I as o where o.at < $1 and ($2 is null or o.at >= $2)', freehold._audit_name(log.home_id))
            into v_found, v_stay using v_part.upper, v_part.lower, sealed, epoch_id;
            continue when v_stay > 0;
            perform freehold._audit_run(format('drop table freehold_audit.%I', v_part.name));
        exception
            when lock_not_available or deadlock_detected then
                exit;
        end;
        partitions := partitions + 1;
        entries := entries + v_found;
    end loop;
end
$$;
