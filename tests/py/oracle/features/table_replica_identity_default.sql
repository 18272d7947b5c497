-- replica identity default and nothing
create table a (id integer primary key);
create table b (id integer primary key);
alter table b replica identity nothing;
create table c (id integer);
