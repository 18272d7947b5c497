-- Takes a chain into another epoch. What is left of the one before is sealed in that: rows up to the highest id that was sealed, or
-- that has a place which this cluster has not reached. No writer is waited for, as ids go on where they were.
-- Touches: seal, and the chain's rows (read).
create or replace function freehold._seal_turn(last freehold.seal, epoch integer, beyond xid8, low bigint)
    returns freehold.seal
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_source constant text := freehold._seal_source(last.chain);
    v_next freehold.seal;
    v_last_id bigint;
begin
    execute format('select greatest($1, max(s.id)) from (%s) as s where s.xid >= $2', v_source)
    into v_last_id using last.last_id, beyond;
    last := freehold._seal_batches(last, '18446744073709551615', low, v_last_id);
    v_next := last;
    v_next.epoch := epoch;
    v_next.epoch_id := v_last_id + 1;
    v_next.from_xid := '0';
    v_next.from_id := 0;
    v_next.to_xid := '0';
    v_next.to_id := 0;
    v_next.rows := 0;
    v_next.lowest_id := null;
    v_next.highest_id := v_last_id;
    v_next.oldest_at := null;
    return freehold._seal_append(last, v_next);
end
$$;
