-- array types that had to take another name
create type _a as enum ('x');
create table a (id integer, b _a, c _a[]);
create table many (x a[]);
create table __a (id integer);
-- rows
insert into a values (1, 'x', '{x}');
