-- A slug made of a name: letters without accents, digits, hyphens between them. At most 33 bytes, to leave room for a number.
create or replace function freehold._signup_slug(display_name text) returns text
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    -- Taken apart, an accent is a character of its own behind its letter.
    v_slug constant text := btrim(left(btrim(regexp_replace(
        regexp_replace(normalize(lower(display_name), nfkd), '[\u0300-\u036f]', '', 'g'), '[^a-z0-9]+', '-', 'g'), '-'), 33), '-');
begin
    if coalesce(v_slug, '') = '' then
        raise exception 'no slug can be made of the name'
            using errcode = 'FH001', detail = 'It has no letter from a to z and no digit, or is not given.',
                  hint = 'Give a slug, or an external id.';
    end if;
    return v_slug;
end
$$;
