-- included columns, unique, nulls not distinct
create table a (id integer, v text, w text);
create unique index a_u on a (id) include (v, w) where w is null;
create unique index a_n on a (v) nulls not distinct;
