-- security definer: the tables are the owner's. Touches: rollout, operation (one row each).
create or replace function freehold.rollout_start(id bigint, plan_digest text) returns freehold.rollout
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_rollout freehold.rollout := freehold._rollout_get(rollout_start.id, locked => true);
begin
    if v_rollout.state <> 'planned' then
        raise exception 'rollout % is %', id, v_rollout.state using errcode = 'FH202', detail = 'Only a planned one can be started.';
    end if;
    if v_rollout.plan_digest is distinct from rollout_start.plan_digest or v_rollout.plan_digest <> freehold._rollout_digest(v_rollout) then
        raise exception 'the plan of rollout % is another one', id
            using errcode = 'FH215', detail = format('It is %s.', v_rollout.plan_digest),
                  hint = 'Look at the plan again: select * from freehold.rollout_tenants(...), and start what you have seen.';
    end if;
    perform freehold._rollout_check(v_rollout);
    update freehold.rollout as r set state = 'running', started_at = freehold._now()
    where r.id = rollout_start.id returning * into v_rollout;
    perform freehold._operation_done('rollout_start', null, v_rollout.template, freehold._now(), jsonb_build_object(
        'rollout', id, 'plan', v_rollout.plan_digest));
    return v_rollout;
exception
    when unique_violation then
        raise exception 'another rollout of template "%" is open', v_rollout.template
            using errcode = 'FH214', hint = 'select id, state from freehold.rollout_list(); finish or abort it first.';
end
$$;

comment on function freehold.rollout_start(bigint, text) is
    'Starts a rollout that was planned: exactly the plan with this digest. From then on workers may claim. Raises FH107 for an unknown '
    'one, FH202 unless it is planned, FH214 while another one of the template is open, FH215 for the digest of another plan.';
