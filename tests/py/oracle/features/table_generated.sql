-- stored generated columns, one calling a function of the schema
create function twice(i integer) returns integer language sql immutable as 'select i * 2';
create table a (
    id integer primary key, n integer, m integer generated always as (twice(n)) stored,
    t tsvector generated always as (to_tsvector('simple', coalesce(v, ''))) stored, v text
);
create index a_t on a using gin (t);
-- rows
insert into a (id, n, v) values (1, 2, 'a cat'), (2, null, null);
