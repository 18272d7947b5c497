-- Releases the advisory locks that a tenant's code took for the session. held are those that were there before.
create or replace function freehold._fleet_clean(held text[]) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_lock text[];
    v_key bigint;
begin
    for v_lock in
        select string_to_array(n.lock, ' ') from unnest(freehold._fleet_locks()) as n (lock) where n.lock <> all (held)
    loop
        v_key := (v_lock[1]::bigint << 32) | v_lock[2]::bigint;
        -- A lock is counted as often as it was taken.
        while case when v_lock[3] = '1' and v_lock[4] = 'ExclusiveLock' then pg_advisory_unlock(v_key)
                   when v_lock[3] = '1' then pg_advisory_unlock_shared(v_key)
                   when v_lock[4] = 'ExclusiveLock' then pg_advisory_unlock((v_key >> 32)::integer, v_key::bit(32)::integer)
                   else pg_advisory_unlock_shared((v_key >> 32)::integer, v_key::bit(32)::integer) end
        loop
            null;
        end loop;
    end loop;
end
$$;
