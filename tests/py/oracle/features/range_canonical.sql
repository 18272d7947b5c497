-- superuser
-- a canonical function: needs a shell type first
-- refused: canonical_step|steps|function
create type steps;
create function canonical_step(steps) returns steps
language internal immutable strict as 'int4range_canonical';
create type steps as range (subtype = integer, canonical = canonical_step);
create table a (s steps);
-- rows
insert into a values ('(1,5]');
