-- security definer: the tables are the owner's. Touches: rollout, operation (one row each), rollout_tenant.
create or replace function freehold.rollout_retry(id bigint, slugs text[] default null) returns freehold.rollout
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_rollout freehold.rollout := freehold._rollout_get(rollout_retry.id, locked => true);
begin
    if v_rollout.state in ('planned', 'aborted') then
        raise exception 'rollout % is %', id, v_rollout.state using errcode = 'FH202';
    end if;
    update freehold.rollout_tenant as t
    set state = 'pending', attempts = 0, not_before = null, finished_at = null, wave = case t.wave when 0 then 0 else v_rollout.wave end
    where t.rollout_id = rollout_retry.id and t.state = 'failed' and (slugs is null or t.slug = any (slugs));
    if not found then
        raise exception 'nobody is to be tried again in rollout %', id
            using errcode = 'FH202', hint = format('select slug, error_message from freehold.rollout_tenants(%s, ''failed'');', id);
    end if;
    update freehold.rollout as r set forgiven = 0 where r.id = rollout_retry.id returning * into v_rollout;
    return freehold._rollout_change(v_rollout, case v_rollout.state when 'paused' then 'paused' else 'running' end, 'retry');
exception
    when unique_violation then
        raise exception 'another rollout of template "%" is open', v_rollout.template
            using errcode = 'FH214', hint = 'select id, state from freehold.rollout_list(); finish or abort it first.';
end
$$;

comment on function freehold.rollout_retry(bigint, text[]) is
    'Has tenants that failed tried again, all or by slug, and runs a rollout that was halted or done. Raises FH107 for an unknown one, '
    'FH202 where nobody failed, FH214 while another rollout of the template is open.';
