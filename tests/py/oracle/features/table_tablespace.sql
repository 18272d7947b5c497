-- tablespaces of a table, an index, a constraint's index and a materialised view
create table a (id integer, v text) tablespace oracle_space;
create index a_v on a (v) tablespace oracle_space;
create table b (id integer primary key using index tablespace oracle_space);
create materialized view m tablespace oracle_space as select 1 as one;
create table p (id integer) partition by hash (id) tablespace oracle_space;
create table p0 partition of p for values with (modulus 1, remainder 0);
-- rows
insert into a values (1, 'x');
