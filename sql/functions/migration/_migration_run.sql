-- Does a migration to a home, its row being locked, and writes the ledger, in one transaction. Null where it was done already.
-- Touches: tenant_migration (one row).
create or replace function freehold._migration_run(
    home freehold.tenant, migration_id text, script text, source_digest text, direction text, rollout_id bigint default null
) returns freehold.tenant_migration
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_started constant timestamptz := clock_timestamp();
begin
    if not freehold._ledger_check(home, migration_id, source_digest, direction) then
        return null;
    end if;
    perform freehold._runner_run(home, script);
    return freehold._ledger_write(home.id, migration_id, case direction when 'apply' then 'applied' else 'rolled back' end,
        source_digest, freehold._text_digest(script), clock_timestamp() - v_started, rollout_id);
end
$$;
