-- superuser
-- refused: unfinished
-- a type that never was completed
create type unfinished;
