-- superuser
-- refused: cast
-- a cast without function
create type cents;
create function cents_in(cstring) returns cents language internal immutable strict as 'int8in';
create function cents_out(cents) returns cstring language internal immutable strict as 'int8out';
create type cents (input = cents_in, output = cents_out, like = bigint);
create cast (cents as bigint) without function as implicit;
create cast (bigint as cents) without function;
create table a (c cents, n bigint generated always as (c) stored);
-- rows
insert into a values (5::bigint::cents);
