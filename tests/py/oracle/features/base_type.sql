-- superuser
-- refused: money_cents|cents|function
-- a base type, its functions, its array; used by a table
create type cents;
create function cents_in(cstring) returns cents language internal immutable strict as 'int8in';
create function cents_out(cents) returns cstring language internal immutable strict as 'int8out';
create type cents (
    input = cents_in, output = cents_out, like = bigint, category = 'N', preferred = false,
    default = '0', delimiter = ';', collatable = false
);
create table a (id integer, c cents, d cents[]);
comment on type cents is 'a base type';
-- rows
insert into a values (1, '150', '{1;2}');
