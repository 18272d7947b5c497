-- foreign keys from and to partitioned tables, one of a partition alone
create table target (id integer primary key) partition by range (id);
create table target_1 partition of target for values from (0) to (100);
create table target_2 partition of target for values from (100) to (200);
create table source (id integer, t integer constraint to_target references target on delete cascade, u integer) partition by hash (id);
create table source_0 partition of source for values with (modulus 2, remainder 0);
create table source_1 partition of source for values with (modulus 2, remainder 1);
alter table source_1 add constraint alone foreign key (u) references target_1 (id) deferrable;
create table simple (id integer primary key, t integer references target);
-- rows
insert into target values (1), (101);
insert into source values (1, 1, 1), (2, 101, 1);
insert into simple values (1, 101);
