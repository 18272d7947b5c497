-- The marks of a CYCLE clause are printed with a cast, which may not stand there.
create or replace function freehold._ddl_exact_query(ddl text)
returns text
language sql
immutable
return case
    when ddl ~ ' CYCLE .* TO ''' then regexp_replace(
        case when freehold._ddl_inexact(ddl) then freehold._ddl_exact(ddl) else ddl end,
        '( SET (?:[[:alnum:]_$]+|"(?:[^"]|"")*") TO )(''(?:[^'']|'''')*'')::([^'']*?) DEFAULT (''(?:[^'']|'''')*'')::([^'']*?) USING ',
        '\1\3 \2 DEFAULT \5 \4 USING ',
        'g')
    when freehold._ddl_inexact(ddl) then freehold._ddl_exact(ddl)
    else ddl
end;

comment on function freehold._ddl_exact_query(text) is
    'A deparsed query, such that reading it gives the same query again.';
