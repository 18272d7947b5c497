-- What a rollout has still to do to a home, by the ledger, in order; but for one migration that is known to be done. By the ledger's
-- key: a home may have had many migrations.
create or replace function freehold._rollout_pending(rollout freehold.rollout, home freehold.tenant, done text default null) returns text[]
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    -- Most have one migration.
    if done is not null and not exists (
        select from freehold.rollout_migration as m where m.rollout_id = rollout.id and m.migration_id <> done)
    then
        return array[]::text[];
    end if;
    if rollout.direction = 'rollback' then
        return array(
            select m.migration_id
            from freehold.rollout_migration as m
            where m.rollout_id = rollout.id and m.migration_id is distinct from done
                and m.migration_id in (select b.id from freehold._rollout_brought(rollout, home.id, home.base_version) as b (id))
            order by m.ordinal);
    end if;
    return array(
        select m.migration_id
        from freehold.rollout_migration as m
        left join freehold.tenant_migration as l on l.home_id = home.id and l.migration_id = m.migration_id
        where m.rollout_id = rollout.id and m.migration_id is distinct from done
            and case when l.home_id is not null then l.state <> 'applied'
                     else m.migration_id <> all (coalesce((
                         select v.migrations from freehold.template_version as v
                         where v.template = home.template and v.version = home.base_version), '{}')) end
        order by m.ordinal);
end
$$;
