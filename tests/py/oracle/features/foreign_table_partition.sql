-- shared
-- a foreign table as a partition and as a child, with a trigger
create table p (id integer, v text) partition by list (id);
create foreign table p1 partition of p for values in (1) server oracle_server options (table_name 'p1');
create table p2 partition of p for values in (2);
create table parent (id integer);
create foreign table kid (x text) inherits (parent) server oracle_server;
create function noop() returns trigger language plpgsql as $$ begin return new; end; $$;
create trigger t before insert on kid for each row execute function noop();
-- rows
insert into p values (2, 'x');
