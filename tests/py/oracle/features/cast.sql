-- casts: with function, in and out, implicit, assignment
create type pair as (l integer, r integer);
create type mood as enum ('low', 'high');
create domain d as text;
create function pair_to_text(pair) returns text language sql immutable as $$ select ($1).l || '/' || ($1).r $$;
create function text_to_pair(text) returns pair language sql immutable
as $$ select row(split_part($1, '/', 1)::integer, split_part($1, '/', 2)::integer)::pair $$;
create function mood_to_int(mood) returns integer language sql immutable as $$ select case $1 when 'low' then 0 else 1 end $$;
create cast (pair as text) with function pair_to_text(pair) as assignment;
create cast (text as pair) with function text_to_pair(text) as implicit;
create cast (mood as integer) with function mood_to_int(mood);
create cast (varchar as mood) with inout as assignment;
create table a (p pair default text_to_pair('1/2'), m mood);
create view v as select m::integer as n, p::text as t from a;
comment on cast (pair as text) is 'as text';
-- rows
insert into a (m) values ('high');
