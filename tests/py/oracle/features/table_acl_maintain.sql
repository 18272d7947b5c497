-- min-version: 17
-- the maintain privilege
create table a (id integer);
grant maintain on a to {rw};
create table b (id integer);
revoke maintain on b from {owner};
