-- min-version: 18
-- virtual generated columns
create table a (id integer primary key, n integer, v integer generated always as (n + 1) virtual, w integer generated always as (n * 2));
-- rows
insert into a (id, n) values (1, 2);
