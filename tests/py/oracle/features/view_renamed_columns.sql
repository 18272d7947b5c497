-- a view over a table whose columns and names changed since
create table a (id integer, v text, w integer);
create view b as select id, v from a;
alter table a rename column v to "New Name";
alter table a rename to c;
alter view b rename column v to kept;
alter table c drop column w;
create view d as select c.* from c natural join b;
