-- The tenants that a fleet query is about, by slug: the active ones, or those that are named, whether there are such or not.
create or replace function freehold._fleet_slugs(slugs text[], template text, tier text) returns text[]
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(s.slug order by s.slug), '{}')
    from (select t.slug
          from freehold.tenant as t
          where slugs is null and t.state = 'active'
              and t.template = coalesce(_fleet_slugs.template, t.template) and t.tier = coalesce(_fleet_slugs.tier, t.tier)
          union
          select u.slug
          from unnest(slugs) as u (slug)
          left join freehold.tenant as t on t.slug = u.slug and t.state <> 'erased'
          where u.slug is not null
              and coalesce(t.template = coalesce(_fleet_slugs.template, t.template)
                           and t.tier = coalesce(_fleet_slugs.tier, t.tier), true)) as s
$$;
