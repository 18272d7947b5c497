-- What a rollout has still to do to a home that has these migrations, in order.
create or replace function freehold._rollout_pending(rollout freehold.rollout, home freehold.tenant, applied text[]) returns text[]
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_brought text[];
begin
    if rollout.direction = 'rollback' then
        v_brought := array(select b.id from freehold._rollout_brought(rollout, home.id, home.base_version) as b (id));
    end if;
    return array(
        select m.migration_id
        from freehold.rollout_migration as m
        where m.rollout_id = rollout.id
            and case rollout.direction when 'apply' then m.migration_id <> all (applied) else m.migration_id = any (v_brought) end
        order by m.ordinal);
end
$$;
