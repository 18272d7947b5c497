-- min-version: 17
-- an exclusion constraint of a partitioned table, which PostgreSQL cannot attach
create table q (a integer, b integer, constraint q_ex exclude (a with =) where (b > 0)) partition by range (a);
create table q1 partition of q for values from (0) to (10);
create table q2 partition of q for values from (10) to (20) partition by range (a);
create table q21 partition of q2 for values from (10) to (15);
comment on constraint q_ex on q is 'none twice';
-- rows
insert into q values (1, 1), (12, 1);
