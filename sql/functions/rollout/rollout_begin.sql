-- security definer: only the cell can grant the owner's role. Touches: tenant or template (row lock), rollout_tenant,
-- tenant_migration (one row each).
create or replace function freehold.rollout_begin(
    lease uuid, migration_id text, text_digest text default null,
    out begun boolean, out owner_role name, out schema_name name, out invalid text[]
)
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_lease freehold._lease;
begin
    v_lease := freehold._lease_item(rollout_begin.lease);
    perform freehold._lease_order(v_lease.rollout, migration_id, freehold._rollout_pending(v_lease.rollout, v_lease.home));
    select b.* into begun, owner_role, schema_name, invalid
    from freehold._migration_begin(v_lease.home, migration_id, freehold._lease_digest(v_lease.rollout, migration_id), text_digest,
                                   (v_lease.rollout).direction, (v_lease.rollout).id) as b;
end
$$;

comment on function freehold.rollout_begin(uuid, text, text) is
    'Begins a migration that no function can run, for the holder of a lease, as migration_begin() does. Raises what rollout_apply() does.';
