-- a table and a materialised view of another access method
create table a (id integer primary key, v text) using oracle_heap;
create materialized view m using oracle_heap as select id from a;
-- rows
insert into a values (1, 'x');
refresh materialized view m;
