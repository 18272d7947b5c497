-- min-version: 17
-- a named not null of a domain
create domain d as integer constraint d_is_there not null;
create table a (v d);
