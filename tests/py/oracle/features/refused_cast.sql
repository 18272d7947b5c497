-- superuser
-- refused: cast integer as date
-- skip-replay
-- a cast between types of others by a function of the schema
create function days(integer) returns date language sql immutable as $$ select '2000-01-01'::date + $1 $$;
create cast (integer as date) with function days(integer);
