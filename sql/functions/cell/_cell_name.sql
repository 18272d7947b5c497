create or replace function freehold._cell_name(prefix text, number integer) returns name
    language sql immutable security invoker
    return prefix || lpad(number::text, greatest(2, length(number::text)), '0');
