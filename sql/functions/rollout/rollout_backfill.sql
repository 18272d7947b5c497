-- security definer: a script runs as the owner of a schema, which no caller can become. Touches: tenant or template (row lock),
-- rollout_tenant, tenant_migration (one row each).
create or replace function freehold.rollout_backfill(lease uuid, migration_id text, script text, out finished boolean, out remaining text[])
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_lease freehold._lease;
begin
    v_lease := freehold._lease_item(rollout_backfill.lease);
    finished := freehold._backfill_run(v_lease.home, migration_id, script, freehold._lease_digest(v_lease.rollout, migration_id),
                                       (v_lease.rollout).id);
    remaining := freehold._lease_step(v_lease.rollout, v_lease.item, v_lease.home, migration_id);
end
$$;

comment on function freehold.rollout_backfill(uuid, text, text) is
    'One batch of a backfill for the holder of a lease, as migration_backfill() does it: to be called until it is finished. Raises what '
    'rollout_apply() does.';
