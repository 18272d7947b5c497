-- The rows of a clone as one statement: all of its inserts see one snapshot, so writers of the source need not be stopped
-- for the copy to be consistent. Sequences are read after it and so are never behind the rows.
create or replace function freehold._clone_copy(rows text[], sequences text[]) returns text
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(E';\n',
        (select 'with ' || string_agg(format('_%s as (%s)', r.n, r.ddl), E',\n' order by r.n) || ' select'
         from unnest(rows) with ordinality as r (ddl, n)),
        (select string_agg(s.ddl, E';\n' order by s.n) from unnest(sequences) with ordinality as s (ddl, n)))
$$;
