-- What the server keeps of a password (RFC 5802 and 7677), so that the password stands in no statement that could be logged. Of at
-- most 64 ASCII characters, which SASLprep leaves as they are.
create or replace function freehold._scram_verifier(password text, salt bytea default uuid_send(gen_random_uuid())) returns text
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_iterations constant integer := 4096;
    v_inner constant bytea := freehold._hmac_pad(convert_to(password, 'UTF8'), 54);
    v_outer constant bytea := freehold._hmac_pad(convert_to(password, 'UTF8'), 92);
    v_block bytea := salt || '\x00000001';
    v_sum bit(256) := repeat('0', 256)::bit(256);
    v_salted bytea;
begin
    for i in 1 .. v_iterations loop
        v_block := sha256(v_outer || sha256(v_inner || v_block));
        v_sum := v_sum # ('x' || encode(v_block, 'hex'))::bit(256);
    end loop;
    v_salted := (select string_agg(set_byte('\x00', 0, substring(v_sum from 1 + 8 * b for 8)::bit(8)::integer), '' order by b)
                 from generate_series(0, 31) as b);
    return format('SCRAM-SHA-256$%s:%s$%s:%s', v_iterations, encode(salt, 'base64'),
                  encode(sha256(freehold._hmac(v_salted, 'Client Key')), 'base64'),
                  encode(freehold._hmac(v_salted, 'Server Key'), 'base64'));
end
$$;
