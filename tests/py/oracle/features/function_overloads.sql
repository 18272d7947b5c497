-- overloads, one of them dropped and made again, with defaults and comments each
create function f(integer) returns text language sql as $$ select 'integer' $$;
create function f(text) returns text language sql as $$ select 'text' $$;
create function f(integer, text) returns text language sql as $$ select 'both' $$;
create function f() returns text language sql as $$ select 'none' $$;
create procedure f(a date) language sql as '';
comment on function f(text) is 'of text';
comment on procedure f(date) is 'a procedure';
comment on function f() is 'of nothing';
revoke execute on function f(integer) from public;
