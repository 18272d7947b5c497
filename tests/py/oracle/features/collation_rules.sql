-- min-version: 16
-- icu rules
create collation ruled (provider = icu, locale = 'und', rules = '&V << w <<< W');
create table a (t text collate ruled);
