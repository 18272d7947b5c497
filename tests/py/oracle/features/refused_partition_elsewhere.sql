-- superuser
-- refused: partition|oracle_shared
-- skip-replay
-- a partition in another schema: a copy would lose its rows
create table p (id integer, v text) partition by list (id);
create table p1 partition of p for values in (1);
create table oracle_shared.{schema}_p2 partition of p for values in (2);
