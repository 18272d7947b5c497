-- superuser
-- refused: transform
-- skip-replay
-- a transform, which belongs to a type and a language
create type thing as (a integer);
create function thing_to_sql(internal) returns internal language internal immutable strict as 'int4send';
create transform for thing language plpgsql (from sql with function thing_to_sql(internal));
