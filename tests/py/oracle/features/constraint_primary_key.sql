-- primary keys: name, several columns, include, deferrable, renamed table
create table a (x integer, y text, z date, constraint "The key" primary key (y, x) include (z));
create table b (id integer primary key deferrable);
create table old (id integer primary key);
alter table old rename to new;
create table c (id integer not null);
create unique index c_unique on c (id);
alter table c add constraint c_from_index primary key using index c_unique;
