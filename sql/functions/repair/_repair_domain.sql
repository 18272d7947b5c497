create or replace function freehold._repair_domain(identity text, expected text, actual text) returns text[]
    language plpgsql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_expected constant text[] := freehold._repair_split(expected, ' constraint ');
    v_actual constant text[] := freehold._repair_split(actual, ' constraint ');
    v_head constant text[] := freehold._repair_split(regexp_replace(v_expected[1], ' not null$', ''), ' default ');
    v_found constant text[] := freehold._repair_split(regexp_replace(v_actual[1], ' not null$', ''), ' default ');
begin
    if v_head[1] <> v_found[1] then
        return null;
    end if;
    return array(
        select format('alter domain %s %s', identity, s.action)
        from (
            select 1, format('drop constraint %s', split_part(a.item, ' CHECK ', 1))
            from unnest(v_actual[2:]) as a (item)
            where a.item <> all (v_expected[2:]) and a.item not like '% not null'
            union all
            select 2, format('add constraint %s', e.item)
            from unnest(v_expected[2:]) as e (item)
            where e.item <> all (v_actual[2:]) and e.item not like '% not null'
            union all
            select 3, case when n.expected is null then 'drop not null' when n.expected = 'not null' then 'set not null'
                           else 'add constraint ' || n.expected end
            from (select (select e.item from unnest(v_expected[2:]) as e (item) where e.item like '% not null'),
                         (select a.item from unnest(v_actual[2:]) as a (item) where a.item like '% not null')) as c (expected, actual)
            cross join lateral (
                select coalesce(c.expected, substring(v_expected[1], 'not null$')) as expected,
                       coalesce(c.actual, substring(v_actual[1], 'not null$')) as actual) as n
            where n.expected is distinct from n.actual
            union all
            select 4, coalesce('set default ' || v_head[2], 'drop default')
            where v_head[2] is distinct from v_found[2]
        ) as s (place, action)
        order by s.place, s.action);
end
$$;

comment on function freehold._repair_domain(text, text, text) is 'What leads from one domain to another in place; null where nothing does.';
