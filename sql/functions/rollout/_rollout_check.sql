-- Refuses a plan with a file that was changed after somebody ran it, or with a contract step before every tenant stands at its
-- expand step.
create or replace function freehold._rollout_check(rollout freehold.rollout) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_found record;
begin
    select c.* into v_found
    from freehold.migration_changed(rollout.template, (
        select jsonb_object_agg(m.migration_id, m.source_digest)
        from freehold.rollout_migration as m where m.rollout_id = rollout.id)) as c
    limit 1;
    if found then
        raise exception 'migration "%" was changed after it had been applied', v_found.migration_id
            using errcode = 'FH212',
                  detail = format('%s ran the text with sha256 %s: %s.',
                                  case v_found.homes when 1 then 'One' else v_found.homes::text end,
                                  coalesce(left(v_found.source_digest, 12), 'unknown'), array_to_string(v_found.examples, ', ')),
                  hint = 'Put the file back as it was, and make the change in a new migration.';
    end if;
    select m.migration_id, u.id, p.slugs, p.tenants into v_found
    from freehold.rollout_migration as m
    cross join lateral unnest(m.contract) as u (id)
    cross join lateral (
        select array_agg(s.slug) filter (where s.n <= 5) as slugs, count(*) as tenants
        from (select f.slug, row_number() over (order by f.slug) as n from freehold._fleet_pending(rollout.template, array[u.id]) as f) as s
    ) as p
    where m.rollout_id = rollout.id and (p.tenants > 0 or exists (
        select from freehold.rollout_migration as e where e.rollout_id = rollout.id and e.migration_id = u.id))
    limit 1;
    if found then
        raise exception 'migration "%" comes too early', v_found.migration_id
            using errcode = 'FH213',
                  detail = case when v_found.tenants > 0
                      then format('It takes away what "%s" replaces, which %s tenants do not have: %s.', v_found.id, v_found.tenants,
                                  array_to_string(v_found.slugs, ', '))
                      else format('It takes away what "%s" replaces, which is in the same rollout.', v_found.id) end,
                  hint = format('Take "%s" over the whole fleet first, then the application, then this.', v_found.id);
    end if;
end
$$;
