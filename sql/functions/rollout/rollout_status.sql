-- security definer: the tables are the owner's. Touches: rollout, rollout_tenant (read).
create or replace function freehold.rollout_status(id bigint)
    returns table (
        wave integer, name text, tenants bigint, pending bigint, claimed bigint, done bigint, failed bigint, skipped bigint,
        started_at timestamptz, finished_at timestamptz
    )
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_rollout constant freehold.rollout := freehold._rollout_get(rollout_status.id);
begin
    return query
        select t.wave,
               case when t.wave = 0 then 'template' when t.wave = 1 and v_rollout.direction = 'apply' then 'canary'
                    else format('wave %s', t.wave) end,
               count(*), count(*) filter (where t.state = 'pending'), count(*) filter (where t.state = 'claimed'),
               count(*) filter (where t.state = 'done'), count(*) filter (where t.state = 'failed'),
               count(*) filter (where t.state = 'skipped'), min(t.started_at),
               case when bool_and(t.state in ('done', 'failed', 'skipped')) then max(t.finished_at) end
        from freehold.rollout_tenant as t
        where t.rollout_id = v_rollout.id
        group by t.wave
        order by t.wave;
end
$$;

comment on function freehold.rollout_status(bigint) is
    'How far a rollout is, wave by wave: wave 0 is the template. Raises FH107 for an unknown one.';
