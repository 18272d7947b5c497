-- list partitions on an enum and on text, with null and default
create type state as enum ('open', 'closed', 'gone');
create table t (id integer, s state) partition by list (s);
create table t_open partition of t for values in ('open');
create table t_rest partition of t for values in ('closed', 'gone');
create table t_null partition of t for values in (null);
create table u (c text) partition by list (c);
create table "u ' quoted" partition of u for values in ('it''s', 'b');
create table u_default partition of u default;
-- rows
insert into t values (1, 'open'), (2, 'gone'), (3, null);
insert into u values ('it''s'), ('zz');
