-- By the size of the files, as nobody here may read the rows.
create or replace function freehold._repair_rows_held(relation regclass) returns boolean
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select coalesce(pg_relation_size(relation) > 0, false)
        or exists (select from pg_partition_tree(relation) as p where p.isleaf and pg_relation_size(p.relid) > 0)
$$;

comment on function freehold._repair_rows_held(regclass) is 'Whether a table, or a partition of it, may hold rows.';
