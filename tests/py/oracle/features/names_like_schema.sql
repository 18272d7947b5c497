-- names-schema
-- names that contain the schema's name, and an alias equal to it
create table "{schema}" (id pg_catalog.int4, "{schema}" text);
create table "{schema}_more" (id integer primary key);
create view "my_{schema}" as select "{schema}".id, "{schema}"."{schema}" from "{schema}";
create view aliased as select "{schema}".id from "{schema}_more" as "{schema}";
create function "{schema}_f"() returns integer language sql as 'select 1';
-- rows
insert into "{schema}" values (1, 'x');
