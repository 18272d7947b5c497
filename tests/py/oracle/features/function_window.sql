-- superuser
-- refused: my_rank
-- a window function
create function my_rank() returns bigint language internal window immutable as 'window_rank';
create table a (id integer);
create view v as select id, my_rank() over (order by id) as r from a;
