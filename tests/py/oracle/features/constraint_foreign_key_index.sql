-- a foreign key that rests on a unique index that is no constraint
create table t (id integer not null, v text);
create unique index t_id on t (id);
create table a (t_id integer references t (id));
-- rows
insert into t values (1, 'x');
insert into a values (1);
