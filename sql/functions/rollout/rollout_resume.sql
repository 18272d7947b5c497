-- security definer: the tables are the owner's. Touches: rollout, operation (one row each).
create or replace function freehold.rollout_resume(id bigint, reason text default null) returns freehold.rollout
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_rollout freehold.rollout := freehold._rollout_get(rollout_resume.id, locked => true);
begin
    if v_rollout.state not in ('paused', 'halted') then
        raise exception 'rollout % is %', id, v_rollout.state
            using errcode = 'FH202', detail = 'Only a paused or halted one can be resumed.';
    end if;
    if exists (select from freehold.rollout_tenant as t where t.rollout_id = rollout_resume.id and t.wave = 0 and t.state = 'failed') then
        raise exception 'the template failed in rollout %', id
            using errcode = 'FH202', detail = 'No tenant passes its template.',
                  hint = format('Mend what failed, then: select freehold.rollout_retry(%s);', id);
    end if;
    update freehold.rollout as r
    set forgiven = (select count(*) from freehold.rollout_tenant as t
                    where t.rollout_id = r.id and t.wave = r.wave and t.state = 'failed')
    where r.id = rollout_resume.id
    returning * into v_rollout;
    return freehold._rollout_change(v_rollout, 'running', reason);
end
$$;

comment on function freehold.rollout_resume(bigint, text) is
    'Goes on with a rollout that was paused or halted. Failures so far no longer count against its wave. Raises FH003 for a reason that '
    'is too long, FH107 for an unknown one, FH202 for one in another state, or whose template failed.';
