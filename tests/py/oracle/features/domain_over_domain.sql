-- a domain over a domain, over an enum and over a composite, with checks that call functions
create type kind as enum ('a', 'b');
create type pair as (l integer, r integer);
create function ordered(p pair) returns boolean language sql immutable as 'select (p).l <= (p).r';
create domain kind_a as kind check (value = 'a');
create domain small as integer check (value < 100);
create domain tiny as small check (value < 10);
create domain sorted as pair check (ordered(value));
create table a (k kind_a, t tiny, s sorted);
-- rows
insert into a values ('a', 3, row(1, 2));
