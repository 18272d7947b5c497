create or replace function freehold._external_id_key(external_id text) returns text
    language plpgsql immutable strict security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_key constant text := lower(regexp_replace(normalize(external_id, nfkc), '[^[:alnum:]]', '', 'g'));
begin
    if v_key = '' or octet_length(external_id) > 200 then
        raise exception '% is not an external id', quote_literal(left(external_id, 60))
            using errcode = 'FH002', detail = 'It needs a letter or digit and may have 200 bytes at most.';
    end if;
    return v_key;
end
$$;
