-- 66 bytes between the quotes: no identifier can be as long, so a token never equals a name and can be replaced blindly.
create or replace function freehold._ddl_token(what text)
returns text
language sql
immutable
parallel safe
return format('"%s"', rpad(format('<freehold:%s>', what), 66, '='));

comment on function freehold._ddl_token(text) is
    'The quoted identifier that stands for the schema, the owner, rw or ro in a normal form.';
