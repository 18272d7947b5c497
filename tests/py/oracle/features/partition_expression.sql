-- a partition key that is an expression calling a function of the schema
create function bucket(i integer) returns integer language sql immutable as 'select i % 3';
create table p (id integer, v text) partition by range (bucket(id), (lower(v)));
create table p0 partition of p for values from (0, minvalue) to (1, minvalue);
create table p_default partition of p default;
-- rows
insert into p values (3, 'X'), (4, 'y');
