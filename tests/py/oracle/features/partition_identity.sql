-- min-version: 17
-- an identity column of a partitioned table
create table p (id bigint generated always as identity (start with 10), k integer) partition by list (k);
create table p1 partition of p for values in (1);
create table p2 partition of p for values in (2);
-- rows
insert into p (k) values (1), (2), (1);
