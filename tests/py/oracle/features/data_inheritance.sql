-- rows stay in the table that holds them
create table p (id integer, v text);
create table c1 (x integer) inherits (p);
create table c2 () inherits (c1);
-- rows
insert into p values (1, 'p');
insert into c1 values (2, 'c1', 9);
insert into c2 values (3, 'c2', 8);
