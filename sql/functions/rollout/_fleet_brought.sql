-- The tenants from which a rollback has something to take.
create or replace function freehold._fleet_brought(rollout freehold.rollout) returns table (home_id uuid, slug text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select t.id, t.slug
    from freehold.tenant as t
    where t.template = rollout.template and t.state in ('active', 'suspended', 'retired')
        and exists (select from freehold._rollout_brought(rollout, t.id, t.base_version))
$$;
