-- privileges given and taken back are the same as none
create table a (id integer);
grant select on a to {rw};
revoke select on a from {rw};
create function f() returns integer language sql as 'select 1';
grant execute on function f() to public;
create sequence s;
grant usage on sequence s to {owner};
