-- security definer: only the cell can revoke the owner's role. Touches: tenant or template (row lock), rollout_tenant,
-- tenant_migration (one row each).
create or replace function freehold.rollout_end(lease uuid, migration_id text, done boolean default true, invalid text[] default null)
    returns text[]
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_lease freehold._lease;
begin
    v_lease := freehold._lease_item(rollout_end.lease, ending => true);
    perform freehold._migration_end(v_lease.home, migration_id, (v_lease.rollout).direction, done, invalid);
    return freehold._lease_step(v_lease.rollout, v_lease.item, v_lease.home, migration_id);
end
$$;

comment on function freehold.rollout_end(uuid, text, boolean, text[]) is
    'Ends what rollout_begin() began in this session, as migration_end() does. Returns the migrations that are left. Raises FH216, FH501.';
