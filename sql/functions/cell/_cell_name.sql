-- With a SET clause it is planned once and not into each statement that calls it, most of which are planned anew.
create or replace function freehold._cell_name(prefix text, number integer) returns name
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
    return prefix || lpad(number::text, greatest(2, length(number::text)), '0');
