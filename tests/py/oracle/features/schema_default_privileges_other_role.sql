-- superuser
-- refused: default privileges|oracle_reader
-- default privileges that another role set for what it creates here
alter default privileges for role oracle_reader in schema {schema} grant select on tables to {rw};
