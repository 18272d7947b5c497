-- shared
-- foreign keys to a table of another schema
create table a (id integer primary key, country text not null references oracle_shared.country on update cascade);
-- rows
insert into a values (1, 'ch'), (2, 'cl');
