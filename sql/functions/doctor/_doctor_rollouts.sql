-- Rollouts that wait for somebody, and migrations that nobody finishes.
create or replace function freehold._doctor_rollouts()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'warning', format('rollout %s', r.id),
           case when r.state = 'running' then 'is running, and no worker is at it' else format('is %s%s', r.state, ': ' || r.reason) end,
           format('Tenants of template %s differ in their migrations for as long.', r.template),
           case r.state when 'running' then format('freehold rollout work %s', r.id)
                        else format('select freehold.rollout_abort(%s);', r.id) end
    from freehold.rollout as r
    where r.state in ('halted', 'paused')
        or r.state = 'running' and not exists (
            select from freehold.rollout_tenant as t
            join pg_stat_activity as a on a.pid = t.backend_pid
            where t.rollout_id = r.id and t.state = 'claimed')
    union all
    select 'warning', format('tenant %s', s.slug), format('is in quarantine at migration %s: %s', s.failed_at, s.error_message),
           format('Rollout %s has passed it by, and others may depend on that migration.', s.rollout_id),
           format('freehold rollout retry %s --tenant %s', s.rollout_id, s.slug)
    from freehold.migration_status() as s
    where s.rollout_id is not null
    union all
    select 'warning', format('%s %s', h.kind, h.name), format('has begun migration %s and not ended it', m.migration_id),
           'The session that was at it has ended. The next that applies it takes over.',
           format('freehold migrate apply %s', case h.kind when 'template' then '@' else '' end || h.name)
    from freehold.tenant_migration as m
    join (select t.id, 'tenant' as kind, t.slug as name from freehold.tenant as t where t.state <> 'erased'
          union all
          select p.id, 'template', p.name from freehold.template as p) as h on h.id = m.home_id
    where m.state = 'applying' and not exists (select from pg_stat_activity as a where a.pid = m.backend_pid)
        and not exists (select from freehold.rollout_tenant as t
                        where t.home_id = m.home_id and t.rollout_id = m.rollout_id and t.state in ('claimed', 'pending'))
$$;
