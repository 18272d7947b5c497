-- constants of regclass, regtype and regproc follow the schema
create table a (id integer);
create type e as enum ('x');
create function f() returns integer language sql as 'select 1';
create text search configuration conf (copy = simple);
create sequence "S q";
create view v as select 'a'::regclass as c, 'e'::regtype as t, 'f'::regproc as p, 'f()'::regprocedure as pp, 'conf'::regconfig as conf;
create table b (id bigint default nextval('"S q"'), c regclass default 'a'::regclass, check (c <> 'pg_class'::regclass));
-- rows
insert into a values (1);
