-- icu
-- collations of the icu provider, deterministic and not
create collation german (provider = icu, locale = 'de-DE');
create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create table a (t text collate german, u text collate nocase unique);
create index a_u on a (u);
comment on collation nocase is 'level 2';
-- rows
insert into a values ('ä', 'Abc');
