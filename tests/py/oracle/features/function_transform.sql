-- a function over types of every kind in the schema: multirange, domain, enum, row, array
create type span as range (subtype = float8);
create domain d as integer;
create type e as enum ('x');
create type c as (a integer);
create table t (id integer);
create function f1(span, spanmultirange, d, e, c, t) returns span[] language sql as 'select null::span[]';
create function f2(out a spanmultirange, out b d[], out c t) language sql as 'select null, null, null';
create function f3(i integer) returns table (a span, b e[], t t) language sql as 'select null, null, null';
