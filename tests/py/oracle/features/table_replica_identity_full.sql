-- replica identity full
create table a (id integer primary key, v text);
alter table a replica identity full;
