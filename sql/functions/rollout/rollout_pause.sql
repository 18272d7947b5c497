-- security definer: the tables are the owner's. Touches: rollout, operation (one row each).
create or replace function freehold.rollout_pause(id bigint, reason text default null) returns freehold.rollout
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_rollout constant freehold.rollout := freehold._rollout_get(rollout_pause.id, locked => true);
begin
    if v_rollout.state not in ('running') then
        raise exception 'rollout % is %', id, v_rollout.state using errcode = 'FH202';
    end if;
    return freehold._rollout_change(v_rollout, 'paused', reason);
end
$$;

comment on function freehold.rollout_pause(bigint, text) is
    'Stops claims; tenants that workers have begun are finished, a backfill only its batch. rollout_resume() goes on. Raises '
    'FH003 for a reason that is too long, FH107 for an unknown one, FH202 for one in another state.';
