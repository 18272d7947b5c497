-- sql functions: string bodies, odd quotes, dollar signs, setof, out parameters
create table a (id integer primary key, v text);
create function f1(i integer) returns integer language sql immutable strict parallel safe cost 5 as 'select i';
create function f2(a integer, out b integer, inout c text, variadic d text[]) language sql stable parallel restricted
as $$ select a, c $$;
create function f3() returns setof a language sql volatile rows 7 as $body$ select * from a where v <> '$$' $body$;
create function f4(n integer default 1 + 2, t text default 'it''s', s text default null) returns table (x integer, y text)
language sql as $_$ select n, t || '$1' || $3 $_$;
create function f5(record) returns integer language plpgsql as $$ begin return 1; end; $$;
create function f6(anyelement, anyarray) returns anyelement language sql as 'select $1';
create function f7(i integer) returns void language sql security definer as '';
create function f8(a a) returns a language sql called on null input as 'select a';
create function f9(a a[], b a.v%type) returns text language sql as 'select b';
create function f10() returns trigger language plpgsql as $f$ begin return null; end; $f$;
create function f11("In put" integer, "order" text) returns text language sql as 'select "order"';
create function f12() returns record language sql as 'select 1, 2';
create function f13(anycompatible, anycompatiblerange) returns anycompatiblemultirange language sql as 'select null';
create function "F ""14"" ünï"() returns text language sql as $$ select 'x' $$;
create function f15(char(5), numeric(5, 2), varchar[], timestamp without time zone) returns char language sql as $$ select 'x' $$;
comment on function f2(integer, text, text[]) is 'in, inout, variadic';
-- rows
insert into a values (1, 'x');
