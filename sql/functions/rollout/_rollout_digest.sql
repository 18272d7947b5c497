-- What rollout_start() approves: migrations, parameters, and which tenant comes when.
create or replace function freehold._rollout_digest(rollout freehold.rollout) returns text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select freehold._text_digest(jsonb_build_object(
        'template', rollout.template, 'direction', rollout.direction, 'undoes', rollout.undoes,
        'lock_timeout', rollout.lock_timeout, 'statement_timeout', rollout.statement_timeout, 'attempts', rollout.attempts,
        'max_failures', rollout.max_failures, 'max_failure_percent', rollout.max_failure_percent, 'pause_after', rollout.pause_after,
        'acknowledged', rollout.acknowledged,
        'migrations', (select jsonb_agg(jsonb_build_array(m.migration_id, m.source_digest) order by m.ordinal)
                       from freehold.rollout_migration as m where m.rollout_id = rollout.id),
        'tenants', (select jsonb_agg(jsonb_build_array(t.wave, t.home_id) order by t.wave, t.home_id)
                    from freehold.rollout_tenant as t where t.rollout_id = rollout.id))::text)
$$;
