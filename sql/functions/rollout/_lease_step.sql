-- After a step of a lease: ends the home's part, or lengthens the lease. Returns what is left to be done. A template is frozen by
-- the next claim, which no statement_timeout of a step ends. Done is when the migration was, by its row of the ledger; null where it
-- is not, or nobody knows.
-- Touches: rollout_tenant, tenant (one row each).
create or replace function freehold._lease_step(
    rollout freehold.rollout, item freehold.rollout_tenant, home freehold.tenant, migration_id text, done timestamptz default null
) returns text[]
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_left constant text[] := freehold._rollout_pending(rollout, home, case when done is not null then migration_id end);
begin
    if v_left <> '{}' then
        perform freehold._lease_order(rollout, migration_id, v_left);
    end if;
    if v_left = '{}' and item.wave = 0 then
        perform freehold._rollout_end(item, 'pending');
    elsif v_left = '{}' then
        item.state := freehold._rollout_finish(rollout, item, home, done);
    else
        update freehold.rollout_tenant as t
        set lease_until = greatest(t.lease_until, freehold._now() + interval '2 minutes'), backend_pid = pg_backend_pid()
        where t.lease = item.lease;
    end if;
    return v_left;
end
$$;
