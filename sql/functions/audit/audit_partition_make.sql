-- security definer: only the owner of the logs changes them. Touches: audit_log (one row a home), operation, the homes' logs.
create or replace function freehold.audit_partition_make(home text default null, batch integer default 100) returns integer
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_id constant uuid := case when home is not null then (freehold._home_get(home)).id end;
    v_started constant timestamptz := freehold._now();
    v_log freehold.audit_log;
    v_made integer := 0;
begin
    if batch is null or batch < 1 then
        raise exception 'a batch is one partition or more' using errcode = 'FH003';
    end if;
    for v_log in
        select l.* from freehold.audit_log as l
        where l.partition_width is not null and (v_id is null or l.home_id = v_id)
            and l.partitioned_until <= freehold._audit_horizon(l.partition_width)
        order by l.home_id
        for update skip locked
    loop
        begin
            v_made := v_made + freehold._audit_ahead(v_log, batch - v_made);
        exception
            -- The next call tries again; meanwhile nothing is lost.
            when lock_not_available or deadlock_detected then
                continue;
        end;
        exit when v_made >= batch;
    end loop;
    if v_made > 0 then
        perform freehold._operation_done('audit_partition_make', v_id, home, v_started, jsonb_build_object('partitions', v_made));
    end if;
    return v_made;
end
$$;

comment on function freehold.audit_partition_make(text, integer) is
    'Makes partitions ahead, of one log or of all that have them: for two widths, a week at least, so many at most. What is written '
    'beyond the last one is kept by a partition for the rest, and moves when its own is made. Returns how many: call it daily, in a '
    'transaction each, until that is 0. Raises FH003 for a bad batch, FH101 and FH102 for an unknown home.';
