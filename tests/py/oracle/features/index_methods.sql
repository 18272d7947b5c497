-- every access method, orders, nulls, options
create table a (id integer, v text, p point, t tsvector, j jsonb, arr integer[], r int4range, i inet);
create index a_bt on a (v desc nulls last, id asc nulls first) with (fillfactor = 50, deduplicate_items = off);
create index a_hash on a using hash (v) with (fillfactor = 60);
create index a_gist on a using gist (p) with (buffering = on);
create index a_spgist on a using spgist (v text_ops);
create index a_gin on a using gin (t) with (fastupdate = off, gin_pending_list_limit = 256);
create index a_gin2 on a using gin (j jsonb_path_ops);
create index a_gin3 on a using gin (arr);
create index a_brin on a using brin (id int4_minmax_multi_ops (values_per_range = 16)) with (pages_per_range = 8, autosummarize = on);
create index a_brin2 on a using brin (v) ;
create index a_inet on a using gist (i inet_ops);
create index a_opt on a using gist (t tsvector_ops (siglen = 100));
-- rows
insert into a values (1, 'x', point(1, 1), 'a:1', '{"a": 1}', '{1}', '[1,2)', '10.0.0.1');
