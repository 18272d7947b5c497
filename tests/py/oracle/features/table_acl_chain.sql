-- superuser
-- a privilege granted on by its grantee
create table a (id integer);
grant select on a to oracle_reader with grant option;
set role oracle_reader;
grant select on a to {rw};
reset role;
