-- Rules of a home for columns that it does not have. What its template says of a column that the template has is for tenants that
-- are ahead of this one or behind it.
create or replace function freehold._mask_stale(home freehold.tenant)
    returns table (table_name name, column_name name, rule text, origin text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select m.table_name, m.column_name, m.rule, m.origin
    from freehold._mask_rule(home) as m
    where not exists (
        select
        from (select home.schema_name where m.origin not like '@%'
              union all
              select s.name from freehold.template as t cross join lateral (values (t.schema_name), (home.schema_name)) as s (name)
              where '@' || t.name = m.origin) as s (name)
        join pg_class as c on c.relnamespace = to_regnamespace(quote_ident(s.name)) and c.relname = m.table_name
            and c.relkind in ('r', 'p')
        join pg_attribute as a on a.attrelid = c.oid and a.attname = m.column_name and a.attnum > 0 and not a.attisdropped)
$$;
