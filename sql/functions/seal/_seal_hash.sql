-- What the hash of a seal must be.
create or replace function freehold._seal_hash(seal freehold.seal) returns bytea
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select sha256(convert_to(format(
        'freehold seal 1 %L %L %L %L %L %L %L %L %L %L %L %L %L %L %L', seal.chain, seal.number, seal.epoch, seal.epoch_id,
        seal.from_xid::text, seal.from_id, seal.to_xid::text, seal.to_id, seal.first_sequence, seal.rows, seal.lowest_id, seal.highest_id,
        extract(epoch from seal.oldest_at), seal.last_id, extract(epoch from seal.sealed_at)), 'UTF8') || seal.previous || seal.digest)
$$;
