-- The migrations of a home: what it was built with, overridden by what was done to it since. In the order of application.
create or replace function freehold._ledger(home_id uuid, template text, base_version integer)
    returns table (
        ordinal bigint, migration_id text, state text, source_digest text, text_digest text, applied_at timestamptz, applied_by text,
        duration interval, rollout_id bigint, rows bigint, inherited boolean
    )
    language sql stable security invoker
begin atomic
    select row_number() over (order by coalesce(o.applied_at, b.frozen_at), b.ordinal nulls last, coalesce(o.migration_id, b.id)),
           coalesce(o.migration_id, b.id), coalesce(o.state, 'applied'),
           case when o.migration_id is null then b.digest else o.source_digest end, o.text_digest,
           coalesce(o.applied_at, b.frozen_at), coalesce(o.applied_by, b.frozen_by), o.duration, o.rollout_id, o.rows,
           o.migration_id is null
    from (select v.frozen_at, v.frozen_by, u.id, u.digest, u.ordinal
          from freehold.template_version as v
          cross join lateral unnest(v.migrations, v.migration_digests) with ordinality as u (id, digest, ordinal)
          where v.template = _ledger.template and v.version = _ledger.base_version) as b
    full join (select m.* from freehold.tenant_migration as m where m.home_id = _ledger.home_id) as o on o.migration_id = b.id;
end;
