-- What PostgreSQL refuses where a value does not fit loses nothing: it fails.
create or replace function freehold._repair_retype_loses(expected text, actual text) returns boolean
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    c_text constant text := '^(text|character varying(\(\d+\))?)( collate .*)?$';
    c_integer constant text := '^(smallint|integer|bigint)$';
    c_numeric constant text := '^numeric(\((\d+),(\d+)\))?$';
    v_expected constant text[] := regexp_match(expected, c_numeric);
    v_actual constant text[] := regexp_match(actual, c_numeric);
begin
    return not (
        (expected ~ c_text and actual ~ c_text)
        or (actual ~ c_integer and expected ~ (c_integer || '|^numeric$'))
        or (v_actual is not null and v_expected is not null
            and (v_expected[1] is null or (v_actual[1] is not null and v_expected[3]::integer >= v_actual[3]::integer)))
        or (actual, expected) in (('real', 'double precision'), ('date', 'timestamp without time zone'))
        or split_part(expected, ' collate ', 1) = split_part(actual, ' collate ', 1));
end
$$;

comment on function freehold._repair_retype_loses(text, text) is
    'Whether a column may lose something when its type is changed: false only where that is known.';
