-- Refuses a step of a rollout while another one that comes before it is left to be done.
create or replace function freehold._lease_order(rollout freehold.rollout, migration_id text, remaining text[]) returns void
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_before text;
begin
    select m.migration_id into v_before
    from freehold.rollout_migration as m
    join freehold.rollout_migration as n on n.rollout_id = m.rollout_id and n.ordinal > m.ordinal
    where m.rollout_id = rollout.id and n.migration_id = _lease_order.migration_id and m.migration_id = any (remaining)
    order by m.ordinal
    limit 1;
    if found then
        raise exception 'migration "%" comes before "%"', v_before, migration_id
            using errcode = 'FH003', detail = format('It is left to be done in rollout %s.', rollout.id);
    end if;
end
$$;
