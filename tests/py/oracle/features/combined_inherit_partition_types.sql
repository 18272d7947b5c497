-- inherited tables of domains over enums beside partitions on domains; checks over functions over both
create type level as enum ('low', 'mid', 'high');
create domain safe_level as level check (value <> 'high');
create function level_no(l level) returns integer language sql immutable
as $$ select array_position(array['low', 'mid', 'high'], l::text) $$;
create table thing (id integer primary key, l safe_level default 'low', constraint numbered check (level_no(l) > 0));
create table special (extra safe_level[], constraint few check (cardinality(extra) < 5)) inherits (thing);
alter table special add primary key (id);
create table measured (id integer, l level, n integer generated always as (level_no(l)) stored, primary key (id, l)) partition by list (l);
create table measured_low partition of measured for values in ('low');
create table measured_rest partition of measured default partition by range (id);
create table measured_rest_1 partition of measured_rest for values from (0) to (1000);
create index measured_n on measured (n, (level_no(l) + 1));
-- rows
insert into thing values (1, 'mid');
insert into special values (2, 'low', '{mid}');
insert into measured (id, l) values (1, 'low'), (2, 'high');
