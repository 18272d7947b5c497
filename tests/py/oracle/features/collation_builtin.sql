-- min-version: 17
-- the builtin provider
create collation bare (provider = builtin, locale = 'C.UTF-8');
create table a (t text collate bare);
