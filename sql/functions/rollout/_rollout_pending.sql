-- What a rollout has still to do to a home, in order: the ledger decides.
create or replace function freehold._rollout_pending(rollout freehold.rollout, home freehold.tenant) returns text[]
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with done as materialized (
        select l.migration_id from freehold._ledger(home.id, home.template, home.base_version) as l where l.state = 'applied'
    )
    select array(
        select m.migration_id
        from freehold.rollout_migration as m
        where m.rollout_id = rollout.id
            and (rollout.direction = 'rollback') = (m.migration_id in (select d.migration_id from done as d))
        order by m.ordinal)
$$;
