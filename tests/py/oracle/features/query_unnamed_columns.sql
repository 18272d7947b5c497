-- columns of queries that have no name: printed with a cast, which would become their name
create table t (v varchar, w varchar, n numeric, i integer);
create view a as select s.* from (select 'a', null union select 'b', 'c') s (x, y);
create view b as select v from t where v in (select 'a' union select 'b, c' union select null) and exists (select 'x', - 5);
create view c as select * from (select 'one
two', null, i + 1 from t union select E'\\', 'three', 2.5) s (x, y, z);
create view d as select v from t union select null union (select 'x' union all select w from t);
create view e as select array(select 'x' union select v from t) as x, (select 'y'::varchar(3)) as y, (select null) as z;
create policy p on t using (v in (select 'a' union select 'b' union select s.v from t s) and n = (select 1));
create function f() returns setof record begin atomic
    select 'a
b', null union select 'c', null;
end;
create rule r as on update to t do also insert into t select 'x', null, - 5, i from t union select v, 'y', 1.5, 2 from t;
create rule s as on delete to t do also insert into t (v, n) select distinct 'a', count(*) from t group by 1;
create materialized view m as with q (x, y) as (select 'a', null union select 'b', 'c') select * from q;
-- rows
refresh materialized view m;
