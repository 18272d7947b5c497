-- The rules of a home: its own, and those of its template that it has none of its own for.
create or replace function freehold._mask_rule(home freehold.tenant)
    returns table (table_name name, column_name name, rule text, options jsonb, origin text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select distinct on (m.table_name, m.column_name)
        m.table_name, m.column_name, m.rule, m.options,
        case when t.id is not null then '@' || t.name else home.slug end
    from freehold.mask_rule as m
    left join freehold.template as t on t.id = m.home_id
    where m.home_id = home.id or t.name = home.template
    order by m.table_name, m.column_name, m.home_id <> home.id
$$;
