-- a foreign key its own rows violate
create table t (id integer primary key);
create table a (t_id integer);
-- rows
insert into a values (99);
-- after
alter table a add constraint later foreign key (t_id) references t not valid;
