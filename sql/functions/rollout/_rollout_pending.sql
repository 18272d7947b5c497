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
            and case rollout.direction
                when 'apply' then m.migration_id not in (select d.migration_id from done as d)
                else m.migration_id in (select b.id from freehold._rollout_brought(rollout, home.id, home.base_version) as b (id)) end
        order by m.ordinal)
$$;
