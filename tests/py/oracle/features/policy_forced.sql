-- row security forced on the owner: its rows still come along, nothing is filtered silently
create table a (id integer, v text);
alter table a enable row level security;
alter table a force row level security;
create policy none on a using (id < 2) with check (true);
-- rows
insert into a values (1, 'x'), (2, 'y');
