-- range partitions with default, minvalue and maxvalue
create table log (at date not null, v text) partition by range (at);
create table log_old partition of log for values from (minvalue) to ('2020-01-01');
create table log_2020 partition of log for values from ('2020-01-01') to ('2021-01-01');
create table log_new partition of log for values from ('2021-01-01') to (maxvalue);
create table two (a integer, b integer) partition by range (a, b);
create table two_1 partition of two for values from (1, minvalue) to (5, maxvalue);
create table two_rest partition of two default;
-- rows
insert into log values ('2019-05-05', 'a'), ('2020-05-05', 'b'), ('2022-05-05', 'c');
insert into two values (2, 2), (9, 9);
