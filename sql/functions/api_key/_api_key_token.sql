-- A new token of a key: 256 random bits, of which the hash is kept. Touches: api_key_secret (one row).
create or replace function freehold._api_key_token(key_id bigint) returns text
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    -- Three of them hold 366 random bits; core has no other source.
    v_random constant bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    v_token constant text := format('fh_%s_%s', key_id, translate(encode(v_random, 'base64'), '+/=', '-_'));
begin
    insert into freehold.api_key_secret (token_sha256, key_id, created_at)
    values (sha256(convert_to(v_token, 'UTF8')), _api_key_token.key_id, freehold._now());
    return v_token;
end
$$;
