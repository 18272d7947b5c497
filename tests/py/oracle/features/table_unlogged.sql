-- persistence
create unlogged table a (id integer primary key);
create table b (id integer primary key);
-- rows
insert into a values (1);
