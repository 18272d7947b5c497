-- generated columns in partitions
create table p (id integer, n integer, m integer generated always as (n * 2) stored) partition by list (id);
create table p1 partition of p for values in (1);
create table p2 (m integer generated always as (n * 2) stored, n integer, id integer);
alter table p attach partition p2 for values in (2);
-- rows
insert into p (id, n) values (1, 1), (2, 2);
