-- One batch of a backfill, its home being locked: whether it was the last. The statement is run until it changes no row; how far
-- it came is in the rows themselves, so that it goes on wherever it stopped.
-- Touches: tenant_migration (one row).
create or replace function freehold._backfill_run(
    home freehold.tenant, migration_id text, script text, source_digest text, rollout_id bigint default null
) returns boolean
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_started constant timestamptz := clock_timestamp();
    v_rows bigint;
begin
    if not freehold._ledger_check(home, migration_id, source_digest, 'apply') then
        return true;
    end if;
    v_rows := freehold._runner_run(home, script);
    perform freehold._ledger_write(home.id, migration_id, case v_rows when 0 then 'applied' else 'applying' end, source_digest,
        freehold._text_digest(script), clock_timestamp() - v_started, rollout_id, v_rows);
    return v_rows = 0;
end
$$;
