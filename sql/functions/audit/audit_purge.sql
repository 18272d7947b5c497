-- security definer: only the owner of the logs deletes from them. Touches: audit_log (one row a home), operation, the homes' logs.
create or replace function freehold.audit_purge(home text default null, batch integer default 10000) returns bigint
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    c_partitions constant integer := 50;
    v_id constant uuid := case when home is not null then (freehold._home_get(home)).id end;
    v_started constant timestamptz := freehold._now();
    v_log freehold.audit_log;
    v_sealed xid8;
    v_epoch_id bigint;
    v_cutoff timestamptz;
    v_may_go text;
    v_whole record;
    v_table name;
    v_partitions integer := 0;
    v_total bigint := 0;
    v_rows bigint;
begin
    if batch is null or batch < 1 then
        raise exception 'a batch is one entry or more' using errcode = 'FH003';
    end if;
    for v_log in
        select l.* from freehold.audit_log as l
        where l.retention is not null and (v_id is null or l.home_id = v_id)
            and not exists (select from freehold._hold_standing(l.home_id))
        order by l.home_id
        for update skip locked
    loop
        v_sealed := freehold._audit_sealed_until(v_log.home_id);
        -- What an epoch before wrote is sealed whole, and its transactions were counted elsewhere.
        v_epoch_id := (select s.epoch_id from freehold.seal as s where s.chain = v_log.home_id order by s.number desc limit 1);
        v_cutoff := v_started - v_log.retention;
        v_may_go := case when v_sealed is null then 'true'
                         else format('(o.xid < %L::xid8 or o.id < %L::bigint)', v_sealed, v_epoch_id) end;
        select * into v_whole
        from freehold._audit_purge_partitions(v_log, v_cutoff, v_sealed, v_epoch_id, c_partitions - v_partitions, batch - v_total);
        v_rows := v_whole.entries;
        v_partitions := v_partitions + v_whole.partitions;
        -- From each table of the log, as a place is one of a table.
        for v_table in
            select freehold._audit_name(v_log.home_id) as name where v_log.partition_width is null
            union all
            select p.name from freehold._audit_partition(v_log.home_id) as p where p.lower is null or p.lower < v_cutoff
        loop
            exit when v_total + v_rows >= batch;
            v_rows := v_rows + freehold._audit_run(format(
                'delete from freehold_audit.%1$I as l
                 where l.ctid = any (array(
                     select o.ctid from freehold_audit.%1$I as o where o.at < %2$L::timestamptz and %3$s limit %4$s))',
                v_table, v_cutoff, v_may_go, batch - v_total - v_rows));
        end loop;
        if v_rows > 0 then
            update freehold.audit_log as l set purged_until = v_cutoff where l.home_id = v_log.home_id;
        end if;
        v_total := v_total + v_rows;
        exit when v_total >= batch;
    end loop;
    if v_total > 0 or v_partitions > 0 then
        perform freehold._operation_done('audit_purge', v_id, home, v_started, jsonb_build_object('entries', v_total)
            || case when v_partitions > 0 then jsonb_build_object('partitions', v_partitions) else '{}' end);
    end if;
    return v_total;
end
$$;

comment on function freehold.audit_purge(text, integer) is
    'Deletes entries that are older than their retention, and sealed where entries are: of one home or of all, so many at most, and '
    'of none under legal hold. A partition that is past goes as a whole, and that may be more. Returns how many: call it, in a '
    'transaction each, until that is 0. Raises FH003 for a bad batch, FH101 and FH102 for an unknown home.';
