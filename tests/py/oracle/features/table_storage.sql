-- storage, compression, statistics target, attribute options
create table a (p text, q text compression pglz, r text, s jsonb, n integer);
alter table a alter column p set storage external;
alter table a alter column r set storage main;
alter table a alter column s set storage plain;
alter table a alter column n set statistics 500;
alter table a alter column r set statistics 0;
alter table a alter column n set (n_distinct = -0.5, n_distinct_inherited = 20);
-- rows
insert into a (p, n) values (repeat('x', 5000), 1);
