-- The composite type by which the rows of a table are read, as the body of CREATE TYPE; null where the table's own serves.
create or replace function freehold._restore_column_type(relid oid, columns text[]) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select case
        when columns is distinct from array(
            select a.attname::text from pg_attribute as a
            where a.attrelid = relid and a.attnum > 0 and not a.attisdropped order by a.attnum)
        then coalesce((
            select string_agg(format('%I %s', u.name, format_type(a.atttypid, a.atttypmod)), ', ' order by u.n)
            from unnest(columns) with ordinality as u (name, n)
            join pg_attribute as a on a.attrelid = relid and a.attname = u.name), '')
    end
$$;
