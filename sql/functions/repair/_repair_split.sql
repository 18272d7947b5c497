create or replace function freehold._repair_split(ddl text, separator text default ',') returns text[]
    language sql immutable security invoker
begin atomic
    select coalesce(array_agg(btrim(substr(ddl, p.start::integer, p.length), E' \n') order by p.position), '{}')
    from (
        select s.position, length(s.piece) as length,
               1 + sum(length(s.piece) + length(separator)) over (order by s.position) - length(s.piece) - length(separator) as start
        from string_to_table(nullif(freehold._repair_mask(ddl), ''), separator) with ordinality as s (piece, position)
    ) as p;
end;

comment on function freehold._repair_split(text, text) is
    'The pieces between separators that stand neither in quotes nor in parentheses.';
