-- a view whose group by rests on the primary key
create table a (id integer primary key, v text, w text);
create table b (a_id integer references a, n integer);
create view grouped as select a.id, a.v, a.w, sum(b.n) as total from a join b on b.a_id = a.id group by a.id;
create view above as select id, total from grouped where total > 0;
create materialized view deep as select count(*) as n from above;
create rule deny as on delete to grouped do instead nothing;
-- rows
insert into a values (1, 'x', 'y');
insert into b values (1, 5), (1, 6);
refresh materialized view deep;
