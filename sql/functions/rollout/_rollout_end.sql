-- Ends an item of a rollout that is leased, and its lease; returns its state. It is found by the lease, which has an index of its own:
-- of a rollout that is new the planner knows no rows, and would read all of them. Touches: rollout_tenant (one row).
create or replace function freehold._rollout_end(
    item freehold.rollout_tenant, state text, migration_id text default null, error_code text default null,
    error_message text default null, not_before timestamptz default null, finished_at timestamptz default null
) returns text
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    update freehold.rollout_tenant as t
    set state = _rollout_end.state, lease = null, lease_until = null, backend_pid = null, not_before = _rollout_end.not_before,
        migration_id = _rollout_end.migration_id, error_code = _rollout_end.error_code,
        error_message = left(_rollout_end.error_message, 2000),
        finished_at = case when _rollout_end.state <> 'pending' then coalesce(_rollout_end.finished_at, freehold._now()) end
    where t.lease = item.lease;
    return state;
end
$$;
