-- min-version: 18
-- shared
-- primary key and unique without overlaps, foreign key with period
create table a (id integer, during tstzrange, constraint a_pk primary key (id, during without overlaps));
create table b (
    id integer, during tstzrange, a_id integer,
    unique (id, during without overlaps),
    constraint b_a foreign key (a_id, period during) references a (id, period during)
);
-- rows
insert into a values (1, '[2020-01-01,2020-02-01)'), (1, '[2020-02-01,2020-03-01)');
insert into b values (5, '[2020-01-10,2020-02-10)', 1);
