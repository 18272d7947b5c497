-- superuser
-- refused: inherits
-- a table that inherits from another schema's, as its columns and constraints come from there
create table child (extra integer) inherits (oracle_shared.country);
create table attached (name text not null, code text not null);
alter table attached inherit oracle_shared.country;
-- rows
insert into child values ('de', 'Germany', 1);
