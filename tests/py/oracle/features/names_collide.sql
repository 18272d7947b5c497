-- one name for a type, a function, an operator family member, a constraint, an index of another table
create table a (id integer constraint same check (id > 0), v text);
create table b (id integer constraint same check (id > 0), v text);
create type same as enum ('x');
create function same() returns integer language sql as 'select 1';
create index same_idx on a (v);
create trigger same before update on a for each row execute function suppress_redundant_updates_trigger();
create trigger same before update on b for each row execute function suppress_redundant_updates_trigger();
create policy same on a using (true);
create policy same on b using (true);
create rule same as on delete to a do also notify x;
create rule same as on delete to b do also notify x;
comment on constraint same on a is 'a';
comment on constraint same on b is 'b';
