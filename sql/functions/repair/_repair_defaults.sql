create or replace function freehold._repair_defaults(things freehold._repair_row[], targets text[]) returns setof freehold._repair_step
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select x.stage, x.place, 90, 'dependent', 'default', t.identity, 'column ' || t.identity, x.statement, null::text, false, null::text
    from (select substr(u.target, length('default ') + 1) as identity from unnest(targets) as u (target)) as t
    join unnest(things) as r
        on r.kind = 'table' and r.identity = freehold._repair_name(t.identity, 1) and r.expected is not null
    cross join lateral unnest((freehold._repair_table_parts(r.expected[1])).columns) as c (item)
    cross join lateral freehold._repair_column_parts(c.item) as p
    cross join lateral (
        values (1, -2147483647, format('alter table only %s alter column %s drop default', r.identity, p.name)),
               (3, r.expected_at, format('alter table only %s alter column %s set default %s', r.identity, p.name, p.default_value))
    ) as x (stage, place, statement)
    where p.name = freehold._repair_name(t.identity, 2) and x.statement is not null
$$;

comment on function freehold._repair_defaults(freehold._repair_row[], text[]) is
    'The defaults that have to make way for something else are dropped, and set again.';
