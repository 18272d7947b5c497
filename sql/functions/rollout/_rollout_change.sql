-- Puts a rollout, its row being locked, into another state, and says so in the operation log.
-- Touches: rollout, operation (one row each).
create or replace function freehold._rollout_change(rollout freehold.rollout, state text, reason text default null)
    returns freehold.rollout
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    update freehold.rollout as r
    set state = _rollout_change.state, reason = _rollout_change.reason,
        finished_at = case when _rollout_change.state in ('done', 'aborted') then freehold._now() end
    where r.id = rollout.id
    returning * into rollout;
    perform freehold._operation_done('rollout_' || state, null, rollout.template, freehold._now(), jsonb_build_object(
        'rollout', rollout.id, 'wave', rollout.wave, 'reason', reason));
    return rollout;
end
$$;
