-- composites within composites, with domains and enums
create type colour as enum ('red', 'green');
create domain positive as integer check (value > 0);
create type point3 as (x positive, y positive, c colour);
create type line3 as (a point3, b point3);
create table a (l line3[]);
-- rows
insert into a values (array[row(row(1, 2, 'red'), row(3, 4, 'green'))::line3]);
