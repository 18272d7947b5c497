-- policies: commands, roles, permissive and restrictive, subqueries, functions of the schema
create table team (id integer primary key, who text);
create table a (id integer, team_id integer, v text);
create function allowed(i integer) returns boolean language sql stable as 'select i > 0';
alter table a enable row level security;
create policy p_all on a using (id > 0);
create policy p_select on a for select to {rw}, oracle_reader using (exists (select 1 from team t where t.id = a.team_id and t.who = current_user));
create policy p_insert on a for insert to {rw} with check (allowed(id));
create policy p_update on a as restrictive for update to public using (allowed(id)) with check (v <> 'it''s');
create policy p_delete on a for delete to {owner} using (false);
create policy "Odd policy" on a as restrictive to oracle_reader using (current_setting('app.tenant', true) = 'x');
comment on policy p_all on a is 'positive';
-- rows
insert into team values (1, 'me');
insert into a values (1, 1, 'x'), (-1, 1, 'y');
