-- a default that calls a function over the table's own row type
create table a (id integer primary key, v text);
create function top(r a) returns integer language sql immutable as 'select 42';
create function biggest() returns integer language sql stable
begin atomic
    select coalesce(max(a.id), 0) from a;
end;
alter table a add column n integer default biggest();
alter table a add constraint fine check (top(a) = 42);
-- rows
insert into a (id, v) values (1, 'x');
