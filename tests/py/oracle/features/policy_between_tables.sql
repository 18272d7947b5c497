-- policies that read one another's tables
create table a (id integer);
create table b (id integer);
alter table a enable row level security;
alter table b enable row level security;
create policy pa on a using (id in (select b.id from b));
create policy pb on b using (id in (select a.id from a));
-- rows
insert into a values (1);
insert into b values (1);
