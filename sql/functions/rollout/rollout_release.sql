-- security definer: the tables are the owner's. Touches: rollout_tenant.
create or replace function freehold.rollout_release(leases uuid[]) returns integer
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_released integer;
begin
    update freehold.rollout_tenant as t
    set state = 'pending', attempts = t.attempts - 1, lease = null, lease_until = null, backend_pid = null
    where t.lease = any (leases);
    get diagnostics v_released = row_count;
    return v_released;
end
$$;

comment on function freehold.rollout_release(uuid[]) is
    'Gives tenants back that a worker claimed and has not begun. Returns how many there were.';
