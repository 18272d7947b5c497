-- privileges on types, domains, sequences, functions, large and small
create type e as enum ('a');
revoke usage on type e from public;
grant usage on type e to {rw};
create domain d as integer;
revoke usage on domain d from public;
create type c as (a integer);
grant usage on type c to oracle_reader with grant option;
create type rg as range (subtype = integer);
revoke usage on type rg from public;
create sequence s;
grant usage on sequence s to {rw};
grant select, update on sequence s to oracle_reader with grant option;
create materialized view m as select 1 as one, 2 as two;
grant select (one) on m to {rw};
create view v as select 1 as one;
grant select (one), update (one) on v to public;
create function f() returns integer language sql as 'select 1';
revoke execute on function f() from public;
