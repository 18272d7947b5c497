create or replace function freehold._repair_identity(name text, column_name text, expected text, actual text) returns setof text
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    c_sequence constant text := '\(sequence name ("(?:[^"]|"")+"|[^ )]+)(.*)\)$';
    v_expected constant text[] := regexp_match(expected, c_sequence);
    v_actual constant text[] := regexp_match(actual, c_sequence);
begin
    if expected is null then
        return next format('alter table %s alter column %s drop identity', name, column_name);
    elsif actual is null then
        return next format('alter table %s alter column %s add %s', name, column_name, expected);
        return next format(
            'select pg_catalog.setval(%L, m.value) from (select pg_catalog.max(%s) as value from %s) as m where m.value is not null',
            v_expected[1], column_name, name);
    else
        if split_part(expected, ' (', 1) <> split_part(actual, ' (', 1) then
            return next format('alter table %s alter column %s set %s', name, column_name,
                               replace(split_part(expected, ' (', 1), ' as identity', ''));
        end if;
        if v_expected[1] <> v_actual[1] then
            return next format('alter sequence %s rename to %s', v_actual[1], v_expected[1]);
        end if;
        if v_expected[2] <> v_actual[2] then
            return next format('alter sequence %s%s', v_expected[1], freehold._repair_sequence_options(v_expected[2]));
        end if;
    end if;
end
$$;

comment on function freehold._repair_identity(text, text, text, text) is
    'What leads a column from one identity clause, or none, to another.';
