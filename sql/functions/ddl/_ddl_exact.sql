-- PostgreSQL prints varchar_column in ('a', 'b') as (varchar_column)::text = any ((array['a'::character varying, ...])::text[]).
-- Read again, the cast moves into the elements: another tree, another text, and a copy that differs from its source for
-- ever. With the array's own type in between it is read as it was.
create or replace function freehold._ddl_exact(ddl text)
returns text
language sql
immutable
return case
    when position('::character varying' in ddl) = 0 or position('::text[]' in ddl) = 0 then ddl
    else regexp_replace(
        ddl,
        '\mARRAY\[((?:(?:[[:alnum:]_$.]+|"(?:[^"]|"")*"|''(?:[^'']|'''')*''::character varying), )*'
        '''(?:[^'']|'''')*''::character varying'
        '(?:, (?:[[:alnum:]_$.]+|"(?:[^"]|"")*"|''(?:[^'']|'''')*''::character varying))*)\](\)?::text\[\])',
        'ARRAY[\1]::character varying[]\2',
        'g')
end;

comment on function freehold._ddl_exact(text) is
    'A deparsed expression, such that reading it gives the same expression again.';
