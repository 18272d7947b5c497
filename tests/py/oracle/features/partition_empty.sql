-- a partitioned table without partitions, with indexes and a trigger
create function noop() returns trigger language plpgsql as $$ begin return null; end; $$;
create table p (id integer primary key, v text) partition by range (id);
create index on p (v) include (id);
create trigger t after insert on p for each row execute function noop();
