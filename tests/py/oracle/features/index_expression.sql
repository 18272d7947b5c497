-- expressions, functions of the schema, predicates, statistics targets of expressions
create function fold(t text) returns text language sql immutable as 'select lower(t)';
create type state as enum ('open', 'closed');
create table a (id integer, v text, s state, j jsonb, f boolean);
create index a_fold on a (fold(v), (j ->> 'k'), ((id + 1) * 2));
alter index a_fold alter column 2 set statistics 222;
alter index a_fold alter column 3 set statistics 0;
create unique index a_open on a (id) where s = 'open' and fold(v) is not null;
create index a_mixed on a (id, lower(v) text_pattern_ops desc) where not f;
create index "Odd Name" on a ((v || 'it''s')) ;
comment on index "Odd Name" is 'odd';
-- rows
insert into a values (1, 'X', 'open', '{"k": "z"}', false);
