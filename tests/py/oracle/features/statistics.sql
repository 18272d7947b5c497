-- extended statistics: kinds, expressions, target, name, comment
create function fold(t text) returns text language sql immutable as 'select lower(t)';
create table a (x integer, y integer, v text);
create statistics s_all on x, y from a;
create statistics s_some (ndistinct, mcv) on y, x from a;
create statistics s_dep (dependencies) on x, y, v from a;
create statistics s_expr on (x + y), (fold(v)), x from a;
create statistics s_one on (lower(v)) from a;
alter statistics s_some set statistics 321;
comment on statistics s_all is 'of all';
-- rows
insert into a values (1, 2, 'x');
