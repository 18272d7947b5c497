-- an index of a partitioned table with a foreign partition, valid all the same
create table p (id integer, v text) partition by list (id);
create foreign table p1 partition of p for values in (1) server oracle_server;
create table p2 partition of p for values in (2);
create table p3 partition of p for values in (3) partition by list (v);
create table p3_x partition of p3 for values in ('x');
create index p_id on p (id);
create index p_v on p (v desc) where id > 0;
alter index p2_id_idx rename to "Own";
create table q (id integer) partition by list (id);
create foreign table q1 partition of q for values in (1) server oracle_server;
create index q_id on q (id);
-- rows
insert into p values (2, 'a'), (3, 'x');
