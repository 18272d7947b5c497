-- options set and reset leave nothing behind
create table a (n integer, m integer);
alter table a alter column n set (n_distinct = 5);
alter table a alter column n reset (n_distinct);
alter table a alter column m set statistics 10;
alter table a alter column m set statistics -1;
