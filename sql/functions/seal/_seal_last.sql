-- The last seal of a chain, without its leaves.
create or replace function freehold._seal_last(chain uuid) returns freehold.seal
    language sql stable security invoker
begin atomic
    select (s.chain, s.number, s.epoch, s.epoch_id, s.from_xid, s.from_id, s.to_xid, s.to_id, s.first_sequence, s.rows, s.lowest_id,
            s.highest_id, s.oldest_at, s.last_id, s.sealed_at, s.previous, s.digest, s.hash, null)::freehold.seal
    from freehold.seal as s
    where s.chain = _seal_last.chain
    order by s.number desc
    limit 1;
end;
