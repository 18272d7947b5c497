-- attributes dropped and added; comment on an attribute
create type t as (a integer, b text, c date);
alter type t drop attribute b;
alter type t add attribute d numeric(6, 1);
comment on column t.d is 'the fourth';
create table u (v t);
-- rows
insert into u values (row(1, '2020-01-01', 2.5));
