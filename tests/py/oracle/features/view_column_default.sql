-- defaults on the columns of a view
create table a (id integer primary key, v text);
create function fresh() returns integer language sql volatile as 'select 7';
create view b as select id, v from a;
alter view b alter column v set default 'from the view';
alter view b alter column id set default fresh();
