-- collations and operator classes of columns
create collation other (provider = libc, locale = 'POSIX');
create table a (t text, u varchar(10) collate "C", v char(4));
create index a_t on a (t collate "C" text_pattern_ops, u collate "POSIX" varchar_pattern_ops, v bpchar_pattern_ops);
create index a_other on a (t collate other);
-- rows
insert into a values ('x', 'y', 'z');
