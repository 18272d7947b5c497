-- min-version: 18
-- checks and foreign keys that are not enforced
create table a (id integer primary key, v integer, constraint soft check (v > 0) not enforced);
create table b (a_id integer, constraint loose foreign key (a_id) references a not enforced);
-- rows
insert into a values (1, -1);
insert into b values (99);
