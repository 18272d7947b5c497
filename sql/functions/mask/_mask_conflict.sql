-- Foreign keys whose two sides would be masked differently, and so no longer meet.
create or replace function freehold._mask_conflict(plan freehold._mask_column_row[])
    returns table (table_name name, column_name name, other text, rule text, other_rule text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select distinct a.table_name, a.column_name, format('%s.%s', b.table_name, b.column_name), coalesce(a.rule, 'none'),
           coalesce(b.rule, 'none')
    from unnest(plan) as a
    join pg_constraint as k on k.conrelid = a.relid and k.contype = 'f'
    cross join lateral unnest(k.conkey, k.confkey) as u (attnum, confattnum)
    join unnest(plan) as b on b.relid = k.confrelid and b.attnum = u.confattnum
    where u.attnum = a.attnum and a.linked and a.rule is distinct from 'null'
        and (coalesce(a.rule, 'keep'), coalesce(nullif(a.rule, 'keep'), '') || coalesce(a.options, '{}')::text)
            is distinct from (coalesce(b.rule, 'keep'), coalesce(nullif(b.rule, 'keep'), '') || coalesce(b.options, '{}')::text)
$$;
