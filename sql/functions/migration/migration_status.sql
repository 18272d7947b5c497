-- security definer: the tables are the owner's. Touches: tenant, template_version, tenant_migration, rollout, rollout_tenant (read).
create or replace function freehold.migration_status(template text default null)
    returns table (
        template_name text, slug text, state text, template_version integer, migrations bigint, head text, applying text, rollout_id bigint,
        failed_at text, error_code text, error_message text
    )
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
    with inherited as materialized (
        select v.template, v.version, v.migrations, (select max(u.id collate "C") from unnest(v.migrations) as u (id)) as head
        from freehold.template_version as v
    ), own as materialized (
        select m.home_id, array_agg(m.migration_id) filter (where m.state = 'applied') as applied,
               array_agg(m.migration_id) filter (where m.state = 'rolled back') as undone,
               max(m.migration_id collate "C") filter (where m.state = 'applied') as head,
               max(m.migration_id) filter (where m.state = 'applying') as applying
        from freehold.tenant_migration as m
        group by m.home_id
    ), failed as materialized (
        select distinct on (i.home_id) i.home_id, i.rollout_id, i.migration_id, i.error_code, i.error_message, i.state
        from freehold.rollout_tenant as i
        where i.wave > 0 and i.state in ('failed', 'done')
        order by i.home_id, i.rollout_id desc
    )
    select t.template, t.slug, t.state, t.template_version,
           case when u.ids is not null then cardinality(u.ids)
                else coalesce(cardinality(i.migrations), 0)::bigint + (
                    select count(*) from unnest(o.applied) as a (id) where i.migrations is null or a.id <> all (i.migrations)) end,
           n.head, o.applying, f.rollout_id, f.migration_id, f.error_code,
           f.error_message
    from freehold.tenant as t
    left join inherited as i on i.template = t.template and i.version = t.base_version
    left join own as o on o.home_id = t.id
    left join failed as f on f.home_id = t.id and f.state = 'failed'
    left join lateral (
        select array(select b.id from unnest(i.migrations) as b (id) where b.id <> all (o.undone)
                     union select a.id from unnest(o.applied) as a (id)) as ids
        where o.undone is not null) as u on true
    cross join lateral (
        select case when u.ids is not null then (select max(a.id collate "C") from unnest(u.ids) as a (id))
                    else greatest(i.head, o.head) end as head) as n
    where t.state in ('active', 'suspended', 'retired')
        and (migration_status.template is null or t.template = migration_status.template)
    order by t.template, n.head nulls first, t.slug
$$;

comment on function freehold.migration_status(text) is
    'Where each tenant stands: how many migrations it has, the highest of them, one that is not finished, and, of those in quarantine, '
    'the rollout, migration and error. The first row of a template is the floor of its fleet, the last one the ceiling.';
