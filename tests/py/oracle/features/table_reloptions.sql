-- storage parameters of the table and of its toast table
create table a (id integer, v text)
with (fillfactor = 70, autovacuum_enabled = false, autovacuum_vacuum_scale_factor = 0.01, parallel_workers = 3,
    toast.autovacuum_enabled = false, toast.vacuum_truncate = false, toast_tuple_target = 512);
alter table a set (user_catalog_table = false, toast.autovacuum_vacuum_threshold = 12);
