-- security definer: a script runs as the owner of a schema, which no caller can become. Touches: tenant or template (row lock),
-- rollout_tenant, tenant_migration (one row each).
create or replace function freehold.rollout_apply(lease uuid, migration_id text, script text) returns text[]
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    -- Assigned, not selected or performed: a plain expression, which needs no executor of its own, here where each statement tells.
    v_lease constant freehold._lease := freehold._lease_item(lease);
    v_row constant freehold.tenant_migration := freehold._migration_run(
        v_lease.home, migration_id, script, freehold._lease_digest(v_lease.rollout, migration_id), (v_lease.rollout).direction,
        (v_lease.rollout).id);
begin
    return freehold._lease_step(v_lease.rollout, v_lease.item, v_lease.home, migration_id, v_row.applied_at);
end
$$;

comment on function freehold.rollout_apply(uuid, text, text) is
    'One step of a rollout for the holder of a lease: the script runs as the tenant''s owner and the ledger is written, all or nothing; '
    'after the last step the tenant is done; a template is frozen by the next claim. Returns the migrations that are left. In a '
    'rollback the script is the one that undoes the migration. Raises FH003 while another migration comes before, FH108 for one that is '
    'not in the rollout, FH216 when the lease is over, and what migration_apply() does.';
