-- A search that costs little and may say yes where nothing is to be done, never no where something is.
create or replace function freehold._ddl_inexact(ddl text)
returns boolean
language sql
immutable
parallel safe
return ddl ~ '\]\)?::|\)\) (?:OR|AND) |\(- [0-9.]+\)'
    or position('SELECT' in ddl) > 0
    and ddl ~ ('(?n)(?:^\s*|SELECT (?:.*, )?)(?:DISTINCT )?(?:NULL|''.*''|\(.*\)|[^'']*'')::[a-z0-9_$". ]+'
        '(?:\([0-9, -]+\))?[a-z ]*(?:\[\])*(?:,|;|\)|$| UNION| EXCEPT| INTERSECT| FROM)');

comment on function freehold._ddl_inexact(text) is 'Whether _ddl_exact() may have something to mend in a text.';
