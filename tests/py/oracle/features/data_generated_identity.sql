-- rows with always-identity, generated columns and dropped columns
create table a (
    gone integer, id bigint generated always as identity, v text,
    up text generated always as (upper(v)) stored, n integer default 3
);
alter table a drop column gone;
alter table a add column more integer generated always as (n * 2) stored;
-- rows
insert into a (v) values ('a'), ('b'), ('c');
delete from a where v = 'b';
