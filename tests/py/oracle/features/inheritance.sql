-- children with local columns and constraints of their own
create table parent (id integer primary key, v text default 'p' not null, constraint v_short check (length(v) < 50));
create table child (extra integer default 5) inherits (parent);
create table grandchild (more text) inherits (child);
alter table child alter column v set default 'c';
-- rows
insert into parent values (1, 'a');
insert into child values (2, 'b', 6);
insert into grandchild (id) values (3);
