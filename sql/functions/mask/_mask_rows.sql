-- The statement that copies a table's rows, masked on the way: what was selected from the table is selected from its masked rows.
create or replace function freehold._mask_rows(source freehold.tenant, plan freehold._mask_column_row[], ddl text) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with masked as (
        select m, format('%I.%I', source.schema_name, m.table_name) as name, coalesce(m.rule, 'keep') <> 'keep' as changed,
               coalesce(m.rule, '') = 'shuffle' as shuffled
        from unnest(plan) as m
        where m.holds_rows and not m.generated
            and right(ddl, length(format(' from only %I.%I', source.schema_name, m.table_name)))
                = format(' from only %I.%I', source.schema_name, m.table_name)
    )
    select case when bool_or(k.changed) then format(
        '%s from (select %s from %s%s) as freehold_masked',
        left(ddl, -length(' from only ' || min(k.name))),
        string_agg(format('%s as %I', freehold._mask_expression(k.m), (k.m).column_name), ', ' order by (k.m).attnum),
        case when bool_or(k.shuffled)
             then format('(select %s, pg_catalog.row_number() over () as "freehold place" from only %s) as _freehold_row',
                         string_agg(quote_ident((k.m).column_name), ', ' order by (k.m).attnum), min(k.name))
             else format('only %s as _freehold_row', min(k.name)) end,
        string_agg(format(
            ' join (select %1$I as v, pg_catalog.row_number() over (order by pg_catalog.random()) as n from only %2$s) '
            'as _freehold_shuffle_%3$s on _freehold_shuffle_%3$s.n operator(pg_catalog.=) _freehold_row."freehold place"',
            (k.m).column_name, k.name, (k.m).attnum), '' order by (k.m).attnum) filter (where k.shuffled)) else ddl end
    from masked as k
$$;
