-- lists whose elements show no one type, or another than their neighbours: the cast outside must not move into them
create table t (
    i integer, n numeric, v varchar(10), w varchar, c char(3), d cidr, r regclass,
    check (v in ('a', null)), check (v in ('a', lower('B'))), check (v in ('a', nullif('b', 'c'))),
    check (v <> all (array['a', 'b']::varchar(3)[])), check (v = any (array['a', coalesce(w, 'x')])),
    check (v = any (array[array['a', 'b'], array['c', 'd']])), check (v = any (array[w, null])),
    check (c::text = any (array['x', 'y']::char(3)[])), check (n = any (array[1])), check (n <> all (array[1, 2]::integer[])),
    check (r in ('pg_class', null)), check (r not in ('pg_class', 'pg_proc')), check (d in ('10.0.0.0/8', null)),
    check (v in ('a]', 'b''::text', 'ARRAY[''c''::character varying]'))
);
create domain code as varchar(5) check (value in ('a', null)) check (value = any (array['b', upper('c')]));
create domain word as varchar;
create table u (w word check (w in ('a', null)), y code default 'a');
create index t_in on t ((v in ('a', null))) where v = any (array['x', upper(v)]);
create view q as
select v in ('a', null) as f, array[w, 'x'] || array['y'] as g, array['a', 'b']::word[]::text[] as h, x = any (array['a', x]) as k
from t, (select 'q'::varchar as x) s;
create function f(variadic varchar[]) returns varchar language sql immutable return $1[1];
create function g(a varchar) returns boolean language sql immutable return a in ('a', null) or f(variadic array['a', 'b']) = a;
create policy p on t using (v in ('a', current_user::varchar));
create statistics s on (v in ('a', null)), i from t;
-- rows
insert into t (v) values (null);
