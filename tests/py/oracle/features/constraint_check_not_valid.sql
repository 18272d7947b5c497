-- a check that its own rows violate
create table a (id integer);
-- rows
insert into a values (-1);
-- after
alter table a add constraint positive check (id > 0) not valid;
