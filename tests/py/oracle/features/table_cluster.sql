-- the index a table is clustered on
create table a (id integer primary key, v text);
create index a_v on a (v);
alter table a cluster on a_v;
create table b (id integer constraint b_pk primary key);
alter table b cluster on b_pk;
create materialized view m as select 1 as one;
create index m_one on m (one);
alter table m cluster on m_one;
-- rows
insert into a values (1, 'b'), (2, 'a');
