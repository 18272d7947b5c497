-- security definer: the table is the owner's. Touches: keeper (its row, locked).
create or replace function freehold.keeper_resign(holder text) returns boolean
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
begin
    update freehold.keeper as k
    set holder = null, expires_at = null, led_since = null
    where k.holder = keeper_resign.holder;
    -- Those who wait take over at once.
    if found then
        perform pg_notify('freehold_keeper', '');
    end if;
    return found;
end
$$;

comment on function freehold.keeper_resign(text) is
    'Gives the lease up, so that another keeper leads at once; false where it was not this one''s.';
