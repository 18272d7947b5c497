-- views over functions, casts, windows, lateral, ctes, sublinks, operators, aggregates of the schema
create type state as enum ('open', 'closed');
create table a (id integer primary key, s state default 'open', v text, at timestamptz default now());
create function lower(t text) returns text language sql immutable as $$ select 'mine ' || t $$;
create function rows_of(n integer) returns setof a language sql stable as $$ select * from a where id < n $$;
create function sfunc(state integer, n integer) returns integer language sql immutable as 'select state + n';
create aggregate total(integer) (sfunc = sfunc, stype = integer, initcond = '0');
create operator <+> (leftarg = integer, rightarg = integer, function = sfunc);
create view v1 as
select a.id, lower(a.v) as low, pg_catalog.lower(a.v) as real_low, a.s::text, r.id as other, 1 <+> a.id as plus,
    row_number() over w as nth, (select total(id) from a) as t,
    case when a.s = 'open'::state then 1 else 2 end as c, array(select b.id from a b order by 1) as arr
from a
left join lateral rows_of(a.id) r on true
window w as (partition by a.s order by a.id rows between 1 preceding and current row);
create view v2 as with x as materialized (select * from v1), y as (select count(*) as n from x)
select x.*, y.n from x cross join y where exists (select 1 from a where a.id = x.id) or x.id in (values (1), (2));
create view v3 as select count(*) filter (where id > 1) as c, string_agg(v, ',' order by id desc) as s,
    percentile_cont(0.5) within group (order by id) as p, grouping(v) as g
from a group by rollup (v) having count(*) > 0 order by 1 limit 5;
create view v4 as select * from a tablesample bernoulli (100) union all select * from rows_of(5) except select * from a where false;
create view v5 as select x.* from json_to_recordset('[{"a": 1}]') as x (a integer, b text);
create view v6 as select * from a join (values (1, 'one'), (2, 'two')) as n (id, word) using (id) as both_ids;
-- rows
insert into a (id, v) values (1, 'X'), (2, 'Y');
