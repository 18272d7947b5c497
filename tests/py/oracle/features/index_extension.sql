-- shared
-- operator classes of extensions elsewhere
create table a (v text, c oracle_shared.citext, h oracle_shared.hstore);
create index a_trgm on a using gin (v oracle_shared.gin_trgm_ops);
create index a_trgm_gist on a using gist (v oracle_shared.gist_trgm_ops (siglen = 32));
create index a_h on a using gist (h oracle_shared.gist_hstore_ops (siglen = 32));
create index a_c on a (c) where c operator(oracle_shared.<>) '';
-- rows
insert into a values ('abc', 'AbC', 'a=>1');
