-- superuser
-- refused: publication|_pub
-- membership in a publication, with columns and filter
create table a (id integer primary key, v text, w text);
create table b (id integer primary key);
create table c (id integer primary key) partition by range (id);
create publication {schema}_pub for table a (id, v) where (id > 5 and v <> 'it''s'), b;
alter publication {schema}_pub add table c;
