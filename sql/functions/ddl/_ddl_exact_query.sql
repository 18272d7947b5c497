-- A literal that has no column name (in a later arm of a UNION in a subquery, say) is printed with its type, which becomes
-- its column's name when the text is read again, and so is printed the next time. Where a column without AS stands, the
-- name was the fallback. Columns of a select list stand on lines of their own; texts with literals of several lines are
-- left alone, since such a literal may hold anything.
create or replace function freehold._ddl_exact_query(ddl text)
returns text
language sql
immutable
return freehold._ddl_exact(case
    when ddl !~ '(''|NULL)::' then ddl
    when regexp_replace(ddl, '[^\n]', '', 'g')
        <> regexp_replace(regexp_replace(ddl, '"(?:[^"]|"")*"|''(?:[^'']|'''')*''', '', 'g'), '[^\n]', '', 'g') then ddl
    else regexp_replace(
        ddl,
        '((?:^\s*(?:SELECT (?:DISTINCT )?)?|\( SELECT (?:DISTINCT )?)(?:NULL|''(?:[^'']|'''')*'')::'
        '(?:(?! AS )[[:alnum:]_$". ]|\([0-9,]+\)|\[\])+)(?=,?$|;|\))',
        '\1 AS "?column?"',
        'gn')
end);

comment on function freehold._ddl_exact_query(text) is
    'A deparsed query, such that reading it gives the same query again.';
