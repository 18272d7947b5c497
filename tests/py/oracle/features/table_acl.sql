-- privileges on tables: grant option, public, none for the owner, all
create table a (id integer);
grant select, insert, update, delete on a to {rw};
grant select on a to oracle_reader with grant option;
create table b (id integer);
grant all on b to public;
create table c (id integer);
revoke all on c from {owner};
create table d (id integer);
revoke truncate, references on d from {owner};
grant trigger on d to {rw};
create view v as select * from a;
grant select on v to {rw};
create table e (id integer);
grant select on e to {rw};
revoke select on e from {rw};
