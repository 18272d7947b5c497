-- superuser
-- refused: publication|_pub
-- a publication of the whole schema
create table a (id integer primary key);
create publication {schema}_pub for tables in schema {schema};
