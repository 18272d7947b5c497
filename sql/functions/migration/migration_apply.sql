-- security definer: a script runs as the owner of a schema, which no caller can become. Touches: tenant or template (row lock),
-- tenant_migration (one row).
create or replace function freehold.migration_apply(home text, migration_id text, script text, source_digest text default null)
    returns freehold.tenant_migration
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    return freehold._migration_run(freehold._home_lock(home), migration_id, script, source_digest, 'apply');
end
$$;

comment on function freehold.migration_apply(text, text, text, text) is
    'Applies a migration to one tenant, or to a template''s own schema (its name after @): the script runs as the owner, the schema '
    'first on the path, and the ledger is written in the same transaction. Null where it was applied already. source_digest is the '
    'sha256 (hex) of its file: another one than that which was applied is an error. Raises FH101 and FH102 for an unknown home, '
    'FH202 for a tenant that is not whole, FH212 for a file that was changed, FH303 for a script that leaves something in the '
    'session, FH401 when busy; PostgreSQL''s own errors pass through.';
