-- A random key for the hashes of one clone, which nothing keeps once that is made: 128 bits, so that key and a short value are
-- one block of the hash.
create or replace function freehold._mask_key() returns text
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select left(encode(sha256(convert_to(concat(gen_random_uuid(), gen_random_uuid()), 'UTF8')), 'hex'), 32)
$$;
