-- a composite type used by a column, an array and a function
create type address as (street text, "number" integer, geo point);
create table a (id integer primary key, home address, others address[]);
create function street_of(a address) returns text language sql immutable as 'select (a).street';
-- rows
insert into a values (1, row('High st', 1, point(1, 2)), array[row('x', 2, null)]::address[]);
