-- a body that passes its own schema's name as a literal
-- refused: count_tickets
-- skip-replay
create table ticket (id integer);
create function count_tickets() returns bigint language plpgsql
as $$ declare n bigint; begin execute format('select count(*) from %I.ticket', '{schema}') into n; return n; end; $$;
