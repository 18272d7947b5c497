-- statistics targets on a partitioned parent and options of partitions
create table p (id integer, v text) partition by range (id);
alter table p alter column v set storage external;
alter table p alter column v set statistics 33;
create table p1 partition of p for values from (1) to (2) with (autovacuum_enabled = off, toast.autovacuum_enabled = off);
alter table p1 alter column v set storage main;
create unlogged table p2 partition of p default;
-- rows
insert into p values (1, 'a'), (5, 'b');
