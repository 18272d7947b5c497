-- rows and comments that hold the schema's name stay as they are
-- names-schema
create table a (v text default '{schema}.a');
comment on table a is 'in {schema}.a';
-- rows
insert into a values ('{schema}.a'), ('select * from {schema}.a'), (default);
