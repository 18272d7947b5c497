-- Columns of a home that have no rule and look personal: by their type or name, or by a sample of their content; with the setting
-- mask_strict all that can hold text. What a table has from another one is told of the root.
create or replace function freehold._mask_finding(home freehold.tenant, plan freehold._mask_column_row[])
    returns table (found freehold._mask_column_row, kind text, why text)
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with sample as materialized (
        select freehold._mask_sample(home, plan) as kinds
    )
    select distinct on (p.table_name, m.column_name)
        (select r from unnest(plan) as r where r.table_name = p.table_name and r.column_name = m.column_name), f.kind, f.why
    from sample as s
    cross join lateral unnest(plan) as m
    cross join lateral (select case when exists (select from unnest(plan) as r
                                                 where r.table_name = m.root_name and r.column_name = m.column_name)
                                    then m.root_name else m.table_name end) as p (table_name)
    cross join lateral (
        select k.kind, k.why
        from (values
            (1, s.kinds ->> format('%s.%s', m.relid, m.attnum), 'holds what looks like: '),
            (2, case m.class when 'inet' then 'ip' when 'cidr' then 'ip' when 'macaddr' then 'ip' when 'words' then 'text'
                             when 'place' then 'geo' end, 'is of a type that holds: '),
            (3, freehold._mask_kind(m.column_name, m.class), 'is called like: '),
            (4, case when freehold._setting_value('mask_strict') = 'on'
                          and m.class in ('text', 'json', 'jsonb', 'bytea', 'words', 'other') then 'text' end, 'can hold any: ')
        ) as k (turn, kind, why)
        where k.kind is not null
        order by k.turn
        limit 1
    ) as f
    where m.rule is null and not m.generated
    order by p.table_name, m.column_name, f.why, f.kind
$$;
