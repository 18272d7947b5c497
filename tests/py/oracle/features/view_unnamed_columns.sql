-- literals without a column name: what PostgreSQL prints for them takes the type's name when read back
create table t (id integer, v text);
create view v1 as select * from (select 1 as a, 'x' as b, null as c union all select 2, 'y', null union all select id, v, null from t) q;
create view v2 as with q as (select 'a' as k, current_date as d union select 'b', null) select q.k, q.d from q;
create view v3 (x, y) as select null, 'lit' union all select 'a', '2020-01-01'::date::text;
create view v4 as select id from t where exists (select null, 'x') and v in (select 'a' union all select 'b');
create function f() returns text language sql begin atomic select null; end;
create function g() returns setof text language sql begin atomic select 'a' union all select 'b'; end;
-- rows
insert into t values (1, 'x');
