-- Seals what a chain has below the horizon, at most about a million rows; false where more is left. Whoever comes while another is
-- at it has nothing to do. Seen is the last id that was given out before transaction seen_by began, null where nobody knows: whoever
-- got one until then is an earlier transaction.
-- Touches: seal_chain (one row, locked), seal, event (when a chain begins), and the chain's rows (read).
create or replace function freehold._seal_run(
    chain uuid, epoch integer, seen bigint, seen_by xid8, out seals bigint, out rows bigint, out finished boolean
)
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_most constant integer := 1000000;
    v_source constant text := freehold._seal_source(chain);
    v_state freehold.seal_chain;
    v_first freehold.seal;
    v_last freehold.seal;
    v_beyond xid8;
    v_to xid8;
    v_cut xid8;
    v_foreign boolean;
begin
    seals := 0;
    rows := 0;
    finished := true;
    if v_source is null then
        return;
    end if;
    -- Asked before, as an insert would wait for whoever is at work on the row.
    if not exists (select from freehold.seal_chain as c where c.chain = _seal_run.chain) then
        insert into freehold.seal_chain (chain, epoch) values (_seal_run.chain, _seal_run.epoch) on conflict do nothing;
    end if;
    select * into v_state from freehold.seal_chain as c where c.chain = _seal_run.chain for update skip locked;
    if not found then
        return;
    end if;
    v_first := freehold._seal_last(chain);
    v_last := v_first;
    select pg_snapshot_xmin(s), pg_snapshot_xmax(s) into v_to, v_beyond from pg_current_snapshot() as s;
    if v_first.number is null then
        v_last := row(chain, null, 1, -9223372036854775807, null, null, '0', -9223372036854775807, null, null, null, null, null, 0, null,
                      null, null, null, null)::freehold.seal;
    end if;
    v_foreign := v_last.to_xid > v_beyond;
    if v_first.number is null and epoch > 1 then
        execute format('select exists (select from (%s) as s where s.xid >= $1)', v_source) into v_foreign using v_beyond;
        v_last.epoch := case when v_foreign then 1 else epoch end;
    end if;
    if v_last.epoch < epoch then
        v_last := freehold._seal_turn(v_last, epoch, v_beyond, v_state.low_id);
        v_state.low_id := v_last.epoch_id - 1;
    elsif v_foreign then
        raise exception 'this cluster has counted % transactions, and % are sealed', v_beyond, v_last.to_xid
            using errcode = 'FH504', detail = format('Chain %s, seal %s.', chain, v_last.number),
                  hint = 'The database was restored into another cluster: select freehold.audit_epoch(''...''); and seal again.';
    end if;

    if seen is null or seen - v_state.low_id > v_most then
        execute format(
            'select min(s.xid)
             from (%1$s) as s
             where s.id > $1 and s.xid < $3 and s.xid > (
                 select l.xid from (%1$s) as l where l.id > $1 and l.xid >= $2 and l.xid < $3 order by l.xid offset $4 limit 1)', v_source)
        into v_cut using v_state.low_id, v_last.to_xid, v_to, v_most;
        finished := v_cut is null;
        v_to := coalesce(v_cut, v_to);
    end if;
    v_last := freehold._seal_batches(v_last, v_to, greatest(v_state.low_id, v_last.epoch_id - 1), 9223372036854775807);

    if v_last.number is not null then
        seals := v_last.number - coalesce(v_first.number, 0);
        rows := v_last.first_sequence + v_last.rows - coalesce(v_first.first_sequence + v_first.rows, 1);
    end if;
    if v_first.number is null and seals > 0 and chain <> '00000000-0000-0000-0000-000000000000' then
        perform freehold._event_record('audit_chain.begun', t.id, coalesce(t.slug, m.name), null, jsonb_build_object('chain', chain))
        from (values (1)) as one (row)
        left join freehold.tenant as t on t.id = chain
        left join freehold.template as m on m.id = chain;
    end if;
    update freehold.seal_chain as c set epoch = _seal_run.epoch where c.chain = _seal_run.chain and c.epoch <> _seal_run.epoch;
    -- Only where each statement has a snapshot of its own it saw all that was written until then.
    if seen is null or current_setting('transaction_isolation') <> 'read committed' then
        return;
    end if;
    if v_state.seen_xid <= v_to then
        v_state.low_id := greatest(v_state.low_id, v_state.seen_id);
    end if;
    if seen_by <= v_to then
        v_state.low_id := greatest(v_state.low_id, seen);
    end if;
    update freehold.seal_chain as c
    set low_id = v_state.low_id, seen_id = seen, seen_xid = seen_by
    where c.chain = _seal_run.chain;
end
$$;
