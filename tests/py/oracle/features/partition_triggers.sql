-- row triggers of the parent, one disabled on a partition; a partition's own
create function noop() returns trigger language plpgsql as $$ begin return new; end; $$;
create table p (id integer, v text) partition by list (id);
create table p1 partition of p for values in (1);
create table p2 partition of p for values in (2);
create trigger everywhere before insert on p for each row execute function noop('a', 'b''c');
create trigger afterwards after update of v on p for each row when (old.v is distinct from new.v) execute function noop();
create trigger own before insert on p2 for each row execute function noop();
create trigger per_statement after insert on p for each statement execute function noop();
alter table p1 disable trigger everywhere;
alter table p2 enable always trigger afterwards;
