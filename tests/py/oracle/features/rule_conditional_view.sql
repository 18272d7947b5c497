-- a rule that makes a plain table's inserts go elsewhere, with returning
create table target (id integer, v text);
create table source (id integer, v text);
create rule divert as on insert to source do instead insert into target values (new.id, new.v) returning target.id, target.v;
-- rows
insert into source values (1, 'x');
