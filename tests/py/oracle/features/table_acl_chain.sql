-- superuser
-- refused: acl|granted
-- skip-replay
-- a privilege granted on by its grantee
create table a (id integer);
grant usage on schema {schema} to oracle_reader;
grant select on a to oracle_reader with grant option;
set local role oracle_reader;
grant select on a to {rw};
set local role {owner};
