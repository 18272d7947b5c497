-- a parent's column dropped, a child's own kept, a new one added to the parent
create table parent (id integer, gone text, v text);
create table child (own integer) inherits (parent);
alter table parent drop column gone;
alter table parent add column late date default '2020-01-01';
-- rows
insert into child (id, v, own) values (1, 'x', 2);
