-- After a step of a lease: ends the home's part, or lengthens the lease. Returns what is left to be done.
-- Touches: rollout_tenant (one row).
create or replace function freehold._lease_step(rollout freehold.rollout, item freehold.rollout_tenant, home freehold.tenant)
    returns text[]
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_left constant text[] := freehold._rollout_finish(rollout, item, home);
begin
    if v_left <> '{}' then
        update freehold.rollout_tenant as t
        set lease_until = greatest(t.lease_until, freehold._now() + interval '2 minutes'), backend_pid = pg_backend_pid()
        where t.rollout_id = item.rollout_id and t.home_id = item.home_id;
    end if;
    return v_left;
end
$$;
