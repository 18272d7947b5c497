-- a table made alone and attached by alter table inherit: all its columns are local
create table parent (id integer, v text);
create table child (x integer, v text, id integer);
alter table child inherit parent;
create table other (id integer, v text) inherits (parent);
alter table other no inherit parent;
-- rows
insert into child values (1, 'v', 2);
