-- enabled states: disabled, replica, always, origin
create table a (id integer);
create function f() returns trigger language plpgsql as $$ begin raise exception 'must not fire during a copy'; end; $$;
create trigger off before insert on a for each row execute function f();
create trigger replica before insert on a for each row execute function f();
create trigger always before update on a for each row execute function f();
create trigger origin before update on a for each row execute function f();
alter table a disable trigger off;
alter table a enable replica trigger replica;
alter table a enable always trigger always;
-- rows
insert into a values (1), (2);
