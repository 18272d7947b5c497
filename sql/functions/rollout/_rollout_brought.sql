-- What a rollout that is being taken back has brought to a home, and is there still or half: what others brought before it stays. A
-- migration that a home was born with was brought where the template's version before the rollout lacks it, as was one that the
-- template got by hand; one that a tenant got by hand, where that was after the start.
create or replace function freehold._rollout_brought(rollout freehold.rollout, home_id uuid, base_version integer)
    returns setof text
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select l.migration_id
    from freehold.rollout as u
    cross join freehold._ledger(home_id, rollout.template, base_version) as l
    left join freehold.template_version as v on v.template = u.template and v.version = u.version_before
    where u.id = rollout.undoes and l.state in ('applied', 'applying')
        and l.migration_id in (select m.migration_id from freehold.rollout_migration as m where m.rollout_id = rollout.id)
        and (l.rollout_id in (u.id, rollout.id)
             or l.rollout_id is null and case
                 when l.inherited or base_version is null then l.migration_id <> all (coalesce(v.migrations, '{}'))
                 else l.applied_at >= u.started_at end)
$$;
