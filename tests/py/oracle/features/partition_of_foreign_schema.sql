-- shared
-- a foreign key of a partitioned table to a shared table, and its row security
create table p (id integer, c text references oracle_shared.country) partition by list (id);
create table p1 partition of p for values in (1);
alter table p enable row level security;
alter table p1 enable row level security;
create policy only_ch on p using (c = 'ch');
-- rows
insert into p values (1, 'ch');
