-- a composite type and a table without columns
create type nothing as ();
create table void ();
-- rows
insert into void default values;
