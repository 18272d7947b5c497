-- the schema's own privileges, with and without grant option
-- shared
create table a (id integer);
grant usage on schema {schema} to {rw};
grant usage, create on schema {schema} to oracle_reader with grant option;
