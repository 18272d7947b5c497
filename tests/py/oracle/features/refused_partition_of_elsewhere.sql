-- superuser
-- refused: partition|oracle_shared
-- skip-replay
-- a partition of another schema's table: two cannot have the same bounds
create table oracle_shared.{schema}_parent (id integer, v text) partition by list (id);
create table p1 partition of oracle_shared.{schema}_parent for values in (1);
