create or replace function freehold._repair_options(expected text[], actual text[]) returns setof text
    language sql immutable security invoker
begin atomic
    select format('reset (%s)', string_agg(split_part(a.item, ' = ', 1), ', ' order by a.n))
    from unnest(actual) with ordinality as a (item, n)
    where not exists (select from unnest(expected) as e (item) where split_part(e.item, ' = ', 1) = split_part(a.item, ' = ', 1))
    having count(*) > 0
    union all
    select format('set (%s)', string_agg(e.item, ', ' order by e.n))
    from unnest(expected) with ordinality as e (item, n)
    where e.item <> all (coalesce(actual, '{}'))
    having count(*) > 0;
end;

comment on function freehold._repair_options(text[], text[]) is 'The actions of ALTER that lead from some storage options to others.';
