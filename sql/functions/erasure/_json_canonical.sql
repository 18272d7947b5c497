-- JSON in its canonical form (RFC 8785), for what documents hold: strings, whole numbers, objects and arrays. Keys of the basic
-- plane sort by code point as they do in UTF-16.
create or replace function freehold._json_canonical(value jsonb) returns text
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    return case jsonb_typeof(value)
        when 'object' then format('{%s}', (
            select string_agg(format('%s:%s', to_json(e.key), freehold._json_canonical(e.value)), ',' order by e.key collate "C")
            from jsonb_each(value) as e))
        when 'array' then format('[%s]', (
            select string_agg(freehold._json_canonical(e.value), ',' order by e.ordinality)
            from jsonb_array_elements(value) with ordinality as e))
        else value::text
    end;
end
$$;
