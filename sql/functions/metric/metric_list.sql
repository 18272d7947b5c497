-- security definer: the tables are the owner's. Touches: tenant, operation, rollout, rollout_tenant, template, reserve (read).
-- Of operations it reads the running ones and the latest thousand, whatever the log has.
create or replace function freehold.metric_list()
    returns table (name text, labels jsonb, value double precision)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select 'tenants', jsonb_build_object('state', s.state), count(t.id)::double precision
    from unnest('{provisioning,active,suspended,retired,erasing,erased}'::text[]) as s (state)
    left join freehold.tenant as t on t.state = s.state
    group by s.state
    union all
    select 'operations_running', jsonb_build_object('kind', o.kind), count(*)::double precision
    from freehold.operation as o where o.state = 'running'
    group by o.kind
    union all
    select 'operations_failed', jsonb_build_object('kind', o.kind), count(*)::double precision
    from (select * from freehold.operation as o order by o.id desc limit 1000) as o
    where o.state = 'failed' and o.finished_at > now() - interval '1 hour'
    group by o.kind
    union all
    select 'rollout_tenants', jsonb_build_object('rollout', r.id::text, 'state', s.state), count(t.home_id)::double precision
    from freehold.rollout as r
    cross join unnest('{pending,claimed,done,failed,skipped}'::text[]) as s (state)
    left join freehold.rollout_tenant as t on t.rollout_id = r.id and t.state = s.state and t.wave > 0
    where r.state in ('planned', 'running', 'paused', 'halted')
    group by r.id, s.state
    union all
    select 'reserve', jsonb_build_object('template', t.name, 'state', s.state), count(r.template)::double precision
    from freehold.template as t
    cross join unnest('{ready,stale,unfinished}'::text[]) as s (state)
    left join freehold.reserve as r on r.template = t.name and s.state = case when r.operation_id is not null then 'unfinished'
                                                                              when r.version = t.version then 'ready' else 'stale' end
    where exists (select from freehold.reserve as any_of where any_of.template = t.name)
    group by t.name, s.state
    union all
    select case c.relname when 'pg_class' then 'catalog_relations' else 'catalog_attributes' end, '{}', greatest(c.reltuples, 0)
    from pg_class as c where c.oid in ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_attribute'::regclass)
    union all
    -- Of sessions that the owner of freehold may see: a member of pg_read_all_stats sees all.
    select 'oldest_transaction_seconds', '{}', coalesce(extract(epoch from clock_timestamp() - min(a.xact_start)), 0)
    from pg_stat_activity as a
    where a.datname = current_database() and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
    union all
    -- Seen by everybody: how many transactions began since the oldest that runs.
    select 'oldest_transaction_age', '{}',
           (pg_snapshot_xmax(s)::text::numeric - pg_snapshot_xmin(s)::text::numeric)::double precision
    from pg_current_snapshot() as s
$$;

comment on function freehold.metric_list() is
    'Figures for monitoring, none of which names a tenant: tenants by state, operations that run and that failed within the hour (of the '
    'latest thousand), tenants of open rollouts by state, the reserve, rows of the catalogs, and the oldest transaction.';
