-- serial, owned by a column, shared by two tables, owner changed
create table a (id serial primary key, n smallserial, b bigserial);
create sequence common;
create table b (id integer primary key default nextval('common'));
create table c (id integer primary key default nextval('common'));
create sequence mine owned by b.id;
create table e (id bigint default nextval('mine'));
-- rows
insert into a default values;
insert into a default values;
insert into b default values;
insert into c default values;
