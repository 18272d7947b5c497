-- rows that name objects of the schema by regclass, regtype and regprocedure name those of the copy
create type e as enum ('x');
create table a (id integer);
create function f(e, integer) returns integer language sql as 'select 1';
create function g() returns integer language sql as 'select 1';
create table "T t" (c regclass, t regtype, p regproc, pp regprocedure, o oid);
-- rows
insert into "T t" values
    ('a', 'e', 'g', 'f(e, integer)', 5), ('"T t"', 'integer[]', 'now', 'pg_catalog.abs(integer)', 0),
    (null, null, null, null, null), ('pg_class', 'e[]', 'g', 'g()', 1);
