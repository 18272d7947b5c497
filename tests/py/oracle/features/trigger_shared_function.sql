-- shared
-- a trigger whose function lives in another schema, and one of the server's own
create table a (id integer, v text, t tsvector);
create trigger elsewhere before update on a for each row execute function oracle_shared.touch('x');
create trigger builtin before update on a for each row execute function suppress_redundant_updates_trigger();
create trigger words before insert on a for each row
    execute function tsvector_update_trigger('t', 'pg_catalog.simple', 'v');
-- rows
insert into a (id, v) values (1, 'a cat');
