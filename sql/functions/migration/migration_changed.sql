-- security definer: the tables are the owner's. Touches: tenant, template, template_version, tenant_migration (read).
create or replace function freehold.migration_changed(template text, digests jsonb)
    returns table (migration_id text, source_digest text, homes bigint, examples text[])
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
    with file as materialized (
        select f.key as id, f.value as digest from jsonb_each_text(digests) as f
    ), ran as (
        -- What a tenant was built with is told by its version, once for all who were.
        select f.id, u.digest, t.slug
        from freehold.template_version as v
        cross join lateral unnest(v.migrations, v.migration_digests) as u (id, digest)
        join file as f on f.id = u.id and f.digest <> u.digest
        join freehold.tenant as t on t.template = v.template and t.base_version = v.version and t.state <> 'erased'
        where v.template = migration_changed.template
            and not exists (select from freehold.tenant_migration as m where m.home_id = t.id and m.migration_id = f.id)
        union all
        select f.id, m.source_digest, h.slug
        from file as f
        join freehold.tenant_migration as m on m.migration_id = f.id and m.source_digest <> f.digest and m.state <> 'rolled back'
        join (select t.id, t.slug from freehold.tenant as t where t.template = migration_changed.template and t.state <> 'erased'
              union all
              select t.id, '@' || t.name from freehold.template as t where t.name = migration_changed.template) as h on h.id = m.home_id
    )
    select r.id, r.digest, count(*), (array_agg(r.slug order by r.slug))[1:5]
    from ran as r
    group by r.id, r.digest
    order by r.id, r.digest
$$;

comment on function freehold.migration_changed(text, jsonb) is
    'Files that were changed after somebody ran them: digests is an object of migration and sha256 (hex). A row for each other text that '
    'tenants of the template, or itself, ran: how many did, and some of them.';
