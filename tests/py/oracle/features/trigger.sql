-- triggers: events, columns, when, arguments, levels, truncate, names
create table a (id integer primary key, v text, w integer);
create function f() returns trigger language plpgsql as $$ begin return new; end; $$;
create function lower(t text) returns text language sql immutable as 'select t';
create trigger one before insert or update of v, w or delete on a for each row execute function f('a', 'it''s', '', 'ünï "q"', E'back\\slash');
create trigger two after update on a for each row when (old.* is distinct from new.* and lower(new.v) <> '') execute function f();
create trigger three after truncate on a for each statement execute function f();
create trigger "Fo ur" before insert on a for each statement execute function f('1');
create trigger six after insert or delete on a for each statement execute function f(E'new\nline');
comment on trigger one on a is 'first';
-- rows
insert into a values (1, 'x', 2);
