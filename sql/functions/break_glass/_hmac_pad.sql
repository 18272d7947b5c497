-- A key of HMAC, filled up to a block of SHA-256 and combined with the byte of the inner or the outer pad.
create or replace function freehold._hmac_pad(key bytea, pad integer) returns bytea
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select string_agg(set_byte('\x00', 0, case when i < length(key) then get_byte(key, i) else 0 end # pad), '' order by i)
    from generate_series(0, 63) as i
$$;
