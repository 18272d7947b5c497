create or replace function freehold._repair_sequence(identity text, expected text, actual text) returns setof text
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    c_sequence constant text := '^create (unlogged )?sequence .* as (bigint|integer|smallint)(.*)$';
    v_expected constant text[] := regexp_match(expected, c_sequence);
    v_actual constant text[] := regexp_match(actual, c_sequence);
begin
    if v_expected[2] || v_expected[3] <> v_actual[2] || v_actual[3] then
        return next format('alter sequence %s%s', identity, freehold._repair_sequence_options(v_expected[3], v_expected[2]));
    end if;
    if v_expected[1] is distinct from v_actual[1] then
        return next format('alter sequence %s set %s', identity, case when v_expected[1] is null then 'logged' else 'unlogged' end);
    end if;
end
$$;

comment on function freehold._repair_sequence(text, text, text) is 'What leads from one sequence to another of the same name.';
