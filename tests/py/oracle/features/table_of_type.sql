-- typed tables
create type row_t as (id integer, v text);
create table a of row_t (primary key (id), v with options not null default 'x');
create table b of row_t;
alter table b alter column v set statistics 50;
-- rows
insert into a values (1, 'y');
insert into b values (2, null);
