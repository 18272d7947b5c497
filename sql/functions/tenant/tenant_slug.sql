-- security definer: it calls a private function. Touches: nothing.
create or replace function freehold.tenant_slug(external_id text) returns text
    language plpgsql immutable strict security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_key constant text := freehold._external_id_key(external_id);
begin
    if v_key !~ '^[a-z0-9]{1,40}$' then
        raise exception 'no slug can be derived from %', quote_literal(external_id)
            using errcode = 'FH002', detail = format('Without case and punctuation it is %L.', v_key),
                  hint = 'Give a slug of your own.';
    end if;
    return v_key;
end
$$;

comment on function freehold.tenant_slug(text) is
    'The slug that belongs to an external id: its letters and digits in lower case (''76.123.456-K'' gives 76123456k). '
    'Raises FH002 where that is no slug.';
