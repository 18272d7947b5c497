-- security definer: the table is the owner's. Touches: keeper (its row, locked).
create or replace function freehold.keeper_lead(holder text, lease interval default '30 seconds') returns boolean
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_now constant timestamptz := freehold._now();
begin
    if coalesce(holder !~ '\S' or octet_length(holder) > 200, true) then
        raise exception 'a keeper has a name of at most 200 bytes' using errcode = 'FH003';
    end if;
    if lease is null or lease not between interval '1 second' and interval '1 hour' then
        raise exception 'a lease is between a second and an hour' using errcode = 'FH003';
    end if;
    update freehold.keeper as k
    set holder = keeper_lead.holder, expires_at = v_now + lease, seen_at = v_now,
        led_since = case when k.holder = keeper_lead.holder then k.led_since else v_now end
    where k.holder is null or k.holder = keeper_lead.holder or k.expires_at <= v_now;
    return found;
end
$$;

comment on function freehold.keeper_lead(text, interval) is
    'Takes or renews the lease of the one keeper that leads; false while another has it. Holder is a name that nobody else goes by, '
    'another one for each process. Raises FH003 for a bad name or lease.';
