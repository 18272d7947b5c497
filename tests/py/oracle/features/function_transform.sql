-- a function over types of every kind in the schema: multirange, domain, enum, row, array
create type span as range (subtype = float8);
create domain d as integer;
create type e as enum ('x');
create type c as (a integer);
create table t (id integer);
create function f1(span, span_multirange, d, e, c, t) returns span[] language sql as 'select null::span[]';
create function f2(out a span_multirange, out b d[], out c t)
language sql as 'select null::span_multirange, null::d[], null::t';
create function f3(i integer) returns table (a span, b e[], t t)
language sql as 'select null::span, null::e[], null::t';
