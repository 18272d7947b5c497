-- materialised views over one another, names against the order, one not populated between
create table t (id integer);
create materialized view z as select id from t;
create materialized view y as select id from z;
create view x as select id from y;
create materialized view a as select id from x;
create function deepest() returns bigint language sql stable begin atomic select count(*) from a; end;
create materialized view b as select deepest() as n;
-- rows
insert into t values (1), (2);
refresh materialized view z;
refresh materialized view y;
refresh materialized view a;
refresh materialized view b;
