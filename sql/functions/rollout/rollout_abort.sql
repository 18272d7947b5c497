-- security definer: the tables are the owner's. Touches: rollout, operation (one row each), tenant_migration.
create or replace function freehold.rollout_abort(id bigint, reason text default null) returns freehold.rollout
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_rollout constant freehold.rollout := freehold._rollout_get(rollout_abort.id, locked => true);
begin
    if v_rollout.state not in ('running', 'paused', 'halted', 'planned') then
        raise exception 'rollout % is %', id, v_rollout.state using errcode = 'FH202';
    end if;
    perform freehold._session_over(v_rollout.id);
    return freehold._rollout_change(v_rollout, 'aborted', reason);
end
$$;

comment on function freehold.rollout_abort(bigint, text) is
    'Ends a rollout for good; tenants that have it keep it. rollout_rollback() takes it back from them. Raises '
    'FH003 for a reason that is too long, FH107 for an unknown one, FH202 for one in another state.';
