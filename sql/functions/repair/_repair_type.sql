-- Types in use cannot be dropped. Enums can only get values, composite types attributes at their end.
create or replace function freehold._repair_type(identity text, expected text, actual text) returns text[]
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_enum constant text := format('create type %s as enum (', identity);
    v_composite constant text := format('create type %s as (', identity);
    v_expected text[];
    v_actual text[];
begin
    if starts_with(expected, v_enum) and starts_with(actual, v_enum) then
        v_expected := freehold._repair_split(left(substr(expected, length(v_enum) + 1), -1));
        v_actual := freehold._repair_split(left(substr(actual, length(v_enum) + 1), -1));
        if v_actual = array(select e.item from unnest(v_expected) with ordinality as e (item, n)
                            where e.item = any (v_actual) order by e.n) then
            return array(
                select concat('alter type ', identity, ' add value ', e.item,
                              case when e.before is not null then ' after ' || e.before
                                   when v_actual <> '{}' then ' before ' || v_actual[1] end)
                from (select u.item, u.n, lag(u.item) over (order by u.n) as before
                      from unnest(v_expected) with ordinality as u (item, n)) as e
                where e.item <> all (v_actual)
                order by case when e.before is null then 0 else 1 end, e.n);
        end if;
    elsif starts_with(expected, v_composite) and starts_with(actual, v_composite) then
        v_expected := freehold._repair_split(left(substr(expected, length(v_composite) + 1), -1));
        v_actual := freehold._repair_split(left(substr(actual, length(v_composite) + 1), -1));
        if v_actual = v_expected[:cardinality(v_actual)] then
            return array(select format('alter type %s add attribute %s', identity, e.item)
                         from unnest(v_expected[cardinality(v_actual) + 1:]) with ordinality as e (item, n) order by e.n);
        end if;
    end if;
    return null;
end
$$;

comment on function freehold._repair_type(text, text, text) is 'What leads from one type to another in place; null where nothing does.';
