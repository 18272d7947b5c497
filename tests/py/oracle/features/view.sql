-- views: column names, options, dependence on one another in any order of names
create table a (id integer primary key, v text, owner text);
create view z_first as select id, v as "The Value" from a where v is not null;
create view a_second (x, y) as select id, "The Value" from z_first;
create view barrier with (security_barrier) as select * from a;
create view invoker with (security_invoker = true) as select * from a;
create view locally as select * from a where id > 0 with local check option;
create view cascaded with (security_barrier = true) as select * from locally with cascaded check option;
create recursive view numbers (n) as values (1) union all select n + 1 from numbers where n < 5;
comment on view a_second is 'second';
comment on column a_second.x is 'a column of a view';
-- rows
insert into a values (1, 'x', 'me');
