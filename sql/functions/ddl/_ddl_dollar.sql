-- Neither the tag nor its beginning occurs in the text, so that not even a body ending in "$_" can close it early.
create or replace function freehold._ddl_dollar(body text)
returns text
language sql
immutable
parallel safe
return case
    when position('$_' in body) = 0 then '$_$' || body || '$_$'
    else '$_' || md5(body) || '$' || body || '$_' || md5(body) || '$'
end;

comment on function freehold._ddl_dollar(text) is 'A text as a dollar-quoted literal, character by character.';
