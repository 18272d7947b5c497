-- default privileges in the schema: grants per kind of object, public included
alter default privileges in schema {schema} grant select, insert on tables to {rw};
alter default privileges in schema {schema} grant usage on sequences to {rw} with grant option;
alter default privileges in schema {schema} grant execute on functions to oracle_reader;
alter default privileges in schema {schema} grant usage on types to public;
create table a (id integer);
create function f() returns integer language sql as 'select 1';
