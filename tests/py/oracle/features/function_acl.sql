-- execute revoked from public, granted on, with grant option; on overloads and aggregates
create function f1() returns integer language sql as 'select 1';
revoke execute on function f1() from public;
create function f2(integer) returns integer language sql as 'select 1';
grant execute on function f2(integer) to {rw};
create function f3() returns integer language sql as 'select 1';
revoke all on function f3() from public, {owner};
grant execute on function f3() to oracle_reader with grant option;
create aggregate agg(integer) (sfunc = int4pl, stype = integer);
revoke execute on function agg(integer) from public;
