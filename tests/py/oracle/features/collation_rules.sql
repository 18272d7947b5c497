-- min-version: 16
-- icu
-- rules of an icu collation
create collation ruled (provider = icu, locale = 'und', rules = '&V << w <<< W');
create table a (t text collate ruled);
