-- security definer: the tables are the owner's. Touches: rollout (row lock), rollout_tenant, operation.
create or replace function freehold.rollout_fail(lease uuid, sqlstate text, message text, migration_id text default null) returns text
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_item freehold.rollout_tenant;
    v_rollout freehold.rollout;
    v_class constant text := freehold._failure_class(rollout_fail.sqlstate);
    v_state text;
begin
    -- The rollout first, as all do who lock both.
    select * into v_item from freehold.rollout_tenant as t where t.lease = rollout_fail.lease;
    if found then
        v_rollout := freehold._rollout_get(v_item.rollout_id, locked => true);
        select * into v_item from freehold.rollout_tenant as t where t.lease = rollout_fail.lease for update;
    end if;
    if not found then
        raise exception 'the lease is over' using errcode = 'FH216';
    end if;
    v_state := case
        when v_class = 'gone' then 'skipped'
        when v_class = 'systemic' or v_class = 'retry' and v_item.attempts < v_rollout.attempts then 'pending'
        else 'failed' end;
    -- Twice as long each time, at most a minute, and never all at once.
    perform freehold._rollout_end(v_item, v_state, rollout_fail.migration_id, rollout_fail.sqlstate, message,
        case v_class when 'retry' then freehold._now()
            + least(60, 0.25 * 2 ^ v_item.attempts) * (0.5 + random()) * interval '1 second' end);
    if v_class = 'systemic' and v_rollout.state = 'running' then
        -- The message may quote the tenant's rows: it stays with the tenant, and goes with it.
        perform freehold._rollout_change(v_rollout, 'halted', format('%s at "%s"', left(rollout_fail.sqlstate, 5), v_item.slug));
    elsif v_state = 'failed' then
        perform freehold._rollout_advance(v_rollout);
    end if;
    return v_state;
end
$$;

comment on function freehold.rollout_fail(uuid, text, text, text) is
    'Records what a step raised. A lock that was not granted, a deadlock or a serialisation failure is tried again later, as often as '
    'the rollout allows; a fault that would meet every tenant (connection, resources, disk, corruption, a syntax error) halts the '
    'rollout and leaves the tenant pending; anything else quarantines the tenant, and too many of those halt the rollout. Returns the '
    'tenant''s state: pending, failed, or skipped where it is gone. Raises FH216 when the lease is over.';
