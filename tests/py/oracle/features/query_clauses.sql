-- clauses of queries that are printed in words of their own: search and cycle, frames, sets, samples, table functions
create table t (i integer, k integer, v varchar, ts timestamp);
create view a as
with recursive r(n, p) as (select i, k from t union all select t.i, t.k from t, r where t.k = r.n)
search depth first by n set o cycle n set c using q select n, p, c from r order by o;
create view b as
with recursive r(n, p) as (select i, k from t union all select t.i, t.k from t, r where t.k = r.n)
cycle n set c to 'Y' default 'N' using q select n, c from r;
create function f() returns setof record begin atomic
with recursive r(n, p) as (select i, k from t union all select t.i, t.k from t, r where t.k = r.n)
cycle n, p set "Cycle" to 'it''s' default 'NO' using q select * from r;
end;
create view c as
select i, sum(k) over (order by ts range between interval '1 day' preceding and current row exclude ties),
    lag(i, - 1, - 5) over w, rank() over (partition by v in ('a', 'b'))
from t window w as (partition by v order by k rows between 2 preceding and unbounded following);
create view d as select i, v, grouping(i, v), count(*) filter (where v in ('a', null)) from t group by grouping sets ((i), rollup (v), ());
create view e as
with x as materialized (select 1 as one), y as not materialized (select null as two)
select x.one, y.two, l.uno, l.three, t.v, g.* from x, y, lateral (select x.one as uno, 'z' as three) l, t tablesample bernoulli (5) repeatable (- 5),
    rows from (generate_series(1, - 5, - 1), unnest(array['a', 'b']::varchar[])) with ordinality as g(a, b, c);
create view g as select i, percentile_cont(array[0.25, 0.5]) within group (order by k)
from t group by i order by i, count(*) desc nulls last fetch first 5 rows with ties;
