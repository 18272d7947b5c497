-- superuser
-- refused: cast
-- a cast without function
create domain d as integer;
create type e as enum ('x');
create type mood2 as (a integer);
create type mood3 as (a integer);
create cast (mood2 as mood3) without function as implicit;
