-- Ends an item of a rollout, and its lease; returns its state. Touches: rollout_tenant (one row).
create or replace function freehold._rollout_end(
    item freehold.rollout_tenant, state text, migration_id text default null, error_code text default null,
    error_message text default null, not_before timestamptz default null
) returns text
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    update freehold.rollout_tenant as t
    set state = _rollout_end.state, lease = null, lease_until = null, backend_pid = null, not_before = _rollout_end.not_before,
        migration_id = _rollout_end.migration_id, error_code = _rollout_end.error_code,
        error_message = left(_rollout_end.error_message, 2000),
        finished_at = case when _rollout_end.state <> 'pending' then freehold._now() end
    where t.rollout_id = item.rollout_id and t.home_id = item.home_id;
    return state;
end
$$;
