-- a body that names its own schema in quotes
-- refused: count_tickets
-- skip-replay
create table ticket (id integer);
create function count_tickets() returns bigint language plpgsql as $$ begin return (select count(*) from "{schema}" . ticket); end; $$;
