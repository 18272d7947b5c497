-- security definer: a script runs as the owner of a schema, which no caller can become. Touches: tenant or template (row lock),
-- tenant_migration (one row).
create or replace function freehold.migration_backfill(home text, migration_id text, script text, source_digest text default null)
    returns boolean
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    return freehold._backfill_run(freehold._home_lock(home), migration_id, script, source_digest);
end
$$;

comment on function freehold.migration_backfill(text, text, text, text) is
    'One batch of a backfill: call it, each time in a transaction of its own, until it returns true. The script is one statement that '
    'changes a limited number of rows; when it changes none the migration is applied. migration_list() tells how many rows it has '
    'changed. Raises what migration_apply() does.';
