-- rules: all events, conditions, several commands, states
create table a (id integer, v text);
create table log (what text, id integer);
create function odd(i integer) returns boolean language sql immutable as 'select i % 2 = 1';
create rule r1 as on insert to a do also insert into log values ('insert', new.id);
create rule r2 as on update to a where old.v is distinct from new.v and odd(new.id) do (insert into log values ('old', old.id); insert into log values ('new', new.id));
create rule r3 as on delete to a where old.id < 0 do instead nothing;
create rule "Ru le" as on update to a do also notify changed;
alter table a disable rule r1;
alter table a enable replica rule r2;
alter table a enable always rule r3;
comment on rule r1 on a is 'a rule';
-- rows
insert into a values (1, 'x');
