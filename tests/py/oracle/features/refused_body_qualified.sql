-- a body that names its own schema
-- refused: count_tickets
-- skip-replay
create table ticket (id integer);
create function count_tickets() returns bigint language sql as 'select count(*) from {schema}.ticket';
