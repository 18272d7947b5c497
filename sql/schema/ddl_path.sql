-- SQL-standard bodies are bound as they are made: to pg_catalog, whatever the path of who installs.
set search_path = pg_catalog, pg_temp;
