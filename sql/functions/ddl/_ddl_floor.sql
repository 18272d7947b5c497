create or replace function freehold._ddl_floor(rank integer)
returns integer
language sql
immutable
parallel safe
return case when rank < 30 then 0 when rank < 50 then 1 when rank < 70 then 2 else 3 end;

comment on function freehold._ddl_floor(integer) is 'The least level of a kind in the order of creation, by its rank.';
