-- providers and determinism
create collation german (provider = icu, locale = 'de-DE');
create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create collation posix (provider = libc, locale = 'C');
create collation split (provider = libc, lc_collate = 'C', lc_ctype = 'POSIX');
create table a (t text collate german, u text collate nocase, v text collate posix);
create index a_u on a (u);
create index a_v on a (v collate german desc);
comment on collation nocase is 'level 2';
-- rows
insert into a values ('ä', 'Abc', 'x');
