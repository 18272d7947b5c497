-- What a rollout has still to do to a home that has these migrations, in order.
create or replace function freehold._rollout_pending(rollout freehold.rollout, applied text[]) returns text[]
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    return array(
        select m.migration_id
        from freehold.rollout_migration as m
        where m.rollout_id = rollout.id and (rollout.direction = 'rollback') = (m.migration_id = any (applied))
        order by m.ordinal);
end
$$;
