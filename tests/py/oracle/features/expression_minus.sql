-- minus before a literal: an operator over it or a part of it
create table t (
    a integer default - 5, b integer default (- 5), c numeric default -5.5, d integer default - '5'::integer,
    e bigint default -9223372036854775808, f integer generated always as (a * - 2 - (- '3'::integer)) stored,
    g float8 default - '1.5'::float8, h numeric default - '2.50'::numeric, i smallint default - 5::smallint,
    check (a > - 5 and b <> (- '7'::integer) and c > - - 5.5)
);
create table p (k integer) partition by range (k);
create table p1 partition of p for values from (minvalue) to (- 5);
create table p2 partition of p for values from (- 5) to (- 1 + 1);
create index t_a on t ((- a), (- '1'::integer)) where b > - 5;
create view w as select - 5 as one, (- '5'::integer) as two, 5 - - 5 as three, -(-'5'::integer) as four, '(- 5)'::text as five
from t where a = - '6'::integer union select - 7, null, - 1, (- 2), 'x';
create policy q on t using (a <> - '8'::integer);
