-- row security on, forced, on without any policy
create table a (id integer);
alter table a enable row level security;
create table b (id integer);
alter table b enable row level security;
alter table b force row level security;
create table c (id integer);
alter table c force row level security;
