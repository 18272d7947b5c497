-- security definer: a script runs as the owner of a schema, which no caller can become. Touches: tenant or template (row lock),
-- tenant_migration (one row).
create or replace function freehold.migration_rollback(home text, migration_id text, script text, source_digest text default null)
    returns freehold.tenant_migration
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    return freehold._migration_run(freehold._home_lock(home), migration_id, script, source_digest, 'rollback');
end
$$;

comment on function freehold.migration_rollback(text, text, text, text) is
    'Takes a migration back from one tenant or template, by the script that undoes it. Null where it was not applied. Raises what '
    'migration_apply() does.';
