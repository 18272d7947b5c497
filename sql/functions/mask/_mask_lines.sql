-- Some lines of a list for DETAIL, and how many more there are.
create or replace function freehold._mask_lines(problem text[]) returns text
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select concat(array_to_string(problem[1:40], E'\n'),
                  case when cardinality(problem) > 40 then format(E'\nand %s more', cardinality(problem) - 40) end)
$$;
