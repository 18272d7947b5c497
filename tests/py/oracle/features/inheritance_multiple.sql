-- two parents in order, a column merged from both and local too
create table p1 (id integer, a text);
create table p2 (id integer, b text);
create table c (id integer not null, z text) inherits (p2, p1);
create table d (id integer) inherits (p1);
-- rows
insert into c (id, a, b, z) values (1, 'a', 'b', 'z');
