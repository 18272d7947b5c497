-- What takes the rows of one table from where they wait to where they belong. A type of the schema's own would be named like anything;
-- the one that is made here for a moment has a random name.
create or replace function freehold._restore_script(tenant freehold.tenant, relid oid, name text, columns text[]) returns text
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select concat(
        case when t.type is not null then format('create type %I.%I as (%s);', tenant.schema_name, t.type, t.body) end,
        format('insert into %I.%I%s overriding system value select %s from (select pg_catalog.unnest(w.rows)::%I.%I as r from '
               '%I.%I as w where w.name = %L order by w.ordinal) as x',
               tenant.schema_name, name,
               (select format(' (%s)', string_agg(quote_ident(u.c), ', ' order by u.n)) from unnest(columns) with ordinality as u (c, n)
                having count(*) > 0),
               (select string_agg(format('(x.r).%I', u.c), ', ' order by u.n) from unnest(columns) with ordinality as u (c, n)),
               tenant.schema_name, coalesce(t.type, name), tenant.schema_name, freehold._restore_table(tenant), name),
        case when t.type is not null then format('; drop type %I.%I', tenant.schema_name, t.type) end)
    from (select case when b.body is not null then '_freehold_' || replace(gen_random_uuid()::text, '-', '') end, b.body
          from (select freehold._restore_column_type(relid, columns)) as b (body)) as t (type, body)
$$;
