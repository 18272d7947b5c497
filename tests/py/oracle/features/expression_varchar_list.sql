-- lists of literals compared with varchar columns: what PostgreSQL prints it does not read back alike
create domain answer as varchar check (value in ('yes', 'no'));
create table t (
    k varchar(10) check (k in ('a', 'it''s, b')), s varchar, c char(3) check (c in ('x', 'y')), n smallint check (n in (1, 2)),
    up text generated always as (case when k in ('x', 'y') then 'q' else k end) stored,
    check (k not in ('p', 'q')), check (k = any (array[s, 'x'])), constraint one check (k in ('only'))
);
alter table t drop constraint one;
create index t_k on t (k) where s in ('a', 'b');
create index t_in on t ((k in ('a', 'b')));
create policy p on t using (k in ('a', 'b') and s in (select x.s from t x where x.k in ('a', 'c')));
create view v as select k in ('a', 'b') as f, (array['a', 'b']::varchar[])::text[] as g from t where s not in ('x', 'y');
create materialized view m as select count(*) filter (where k in ('a', 'b')) as n from t;
create function f(x varchar) returns boolean language sql immutable begin atomic select x in ('a', 'b'); end;
create function g(x varchar) returns boolean language sql immutable return x in ('a', 'b');
create function trg() returns trigger language plpgsql as 'begin return new; end';
create trigger tr before update on t for each row when (new.k in ('a', 'b')) execute function trg();
create rule r as on update to t where new.k in ('a', 'b') do instead nothing;
create statistics st on (k in ('a', 'b')), s from t;
-- rows
insert into t (k, s) values ('a', 'a');
refresh materialized view m;
