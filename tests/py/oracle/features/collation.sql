-- collations of the libc provider, used by columns and indexes
create collation posix (provider = libc, locale = 'C');
create collation split (provider = libc, lc_collate = 'C', lc_ctype = 'POSIX');
create collation "Co l" from "C";
create table a (t text collate split, v text collate posix, w text collate "Co l");
create index a_v on a (v collate split desc);
comment on collation posix is 'plain';
-- rows
insert into a values ('ä', 'x', 'y');
