-- named and unnamed checks, on columns and tables, no inherit, not valid, calling functions
create function odd(i integer) returns boolean language sql immutable as 'select i % 2 = 1';
create table a (
    id integer check (id > 0), v integer constraint "Small one" check (v < 10), w integer,
    check (v < w), constraint odd_w check (odd(w)) no inherit
);
-- rows
insert into a values (1, 2, 3);
