-- superuser
-- refused: citext|extension
-- skip-replay
-- an extension installed in the schema
create extension cube schema {schema};
