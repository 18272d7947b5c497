-- two tables that refer to one another, and one to itself
create table a (id integer primary key, b_id integer);
create table b (id integer primary key, a_id integer references a);
alter table a add foreign key (b_id) references b;
create table tree (id integer primary key, parent integer references tree on delete cascade);
-- rows
insert into a values (1, null);
insert into b values (1, 1);
update a set b_id = 1;
insert into tree values (2, null), (1, 2);
