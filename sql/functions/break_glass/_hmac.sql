-- HMAC-SHA-256 (RFC 2104), which core has not, of a key of 64 bytes at most.
create or replace function freehold._hmac(key bytea, message bytea) returns bytea
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select sha256(freehold._hmac_pad(key, 92) || sha256(freehold._hmac_pad(key, 54) || message))
$$;
