-- Puts a seal at the end of a chain. Returns it without its leaves.
-- Touches: seal (one new row).
create or replace function freehold._seal_append(last freehold.seal, added freehold.seal) returns freehold.seal
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    added.number := coalesce(last.number, 0) + 1;
    added.first_sequence := coalesce(last.first_sequence + last.rows, 1);
    added.lowest_id := coalesce(added.lowest_id, 0);
    added.highest_id := coalesce(added.highest_id, 0);
    added.last_id := greatest(last.last_id, added.highest_id, 0);
    -- A clock that was set back is none of the chain's: there it only goes on.
    added.sealed_at := greatest(last.sealed_at, freehold._now());
    added.previous := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
    added.leaves := coalesce(added.leaves, '');
    added.digest := sha256(added.leaves);
    added.hash := freehold._seal_hash(added);
    insert into freehold.seal select added.*;
    added.leaves := null;
    return added;
end
$$;
