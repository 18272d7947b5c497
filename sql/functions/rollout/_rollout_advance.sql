-- Takes a rollout on, its row being locked: what dead workers held is free again; a wave that is through makes way for the next,
-- or halts it; after the last, tenants that appeared meanwhile are one more.
-- Touches: rollout (one row), rollout_tenant, tenant_migration, operation.
create or replace function freehold._rollout_advance(rollout freehold.rollout) returns freehold.rollout
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := freehold._now();
    v_failed bigint;
    v_size bigint;
begin
    perform freehold._session_over();
    -- Not what somebody is at this moment, whatever its lease says: a row that is locked, and a migration that a living session has
    -- begun and will end.
    with free as (
        select t.home_id
        from freehold.rollout_tenant as t
        where t.rollout_id = rollout.id and t.state = 'claimed'
            and (not exists (select from pg_stat_activity as a where a.pid = t.backend_pid)
                 or t.lease_until < v_now and not exists (
                     select from freehold.tenant_migration as m
                     where m.home_id = t.home_id and m.state = 'applying' and m.backend_pid = t.backend_pid))
        for update skip locked
    )
    update freehold.rollout_tenant as t
    set state = 'pending', lease = null, lease_until = null, backend_pid = null
    from free as f
    where t.rollout_id = rollout.id and t.home_id = f.home_id;
    if rollout.state <> 'running' then
        return rollout;
    end if;
    -- Those that failed have a place in the index; the whole wave is counted only where that bears on anything.
    v_failed := (select count(*) from freehold.rollout_tenant as t
                 where t.rollout_id = rollout.id and t.wave = rollout.wave and t.state = 'failed');
    if v_failed > rollout.forgiven then
        v_size := (select count(*) from freehold.rollout_tenant as t where t.rollout_id = rollout.id and t.wave = rollout.wave);
        if rollout.wave = 0 or v_failed - rollout.forgiven > rollout.max_failures
            or (v_failed - rollout.forgiven) * 100 > rollout.max_failure_percent * v_size
        then
            return freehold._rollout_change(rollout, 'halted', format('%s of %s failed in wave %s', v_failed, v_size, rollout.wave));
        end if;
    end if;
    if exists (select from freehold.rollout_tenant as t
               where t.rollout_id = rollout.id and t.wave = rollout.wave and t.state in ('pending', 'claimed')) then
        return rollout;
    end if;
    -- Nobody passes a template that is not done.
    if exists (select from freehold.rollout_tenant as t where t.rollout_id = rollout.id and t.wave = 0 and t.state = 'failed') then
        return freehold._rollout_change(rollout, 'halted', 'the template failed');
    end if;
    if rollout.wave = rollout.last_wave then
        insert into freehold.rollout_tenant (rollout_id, home_id, slug, wave, ordinal)
        select rollout.id, p.home_id, p.slug, rollout.last_wave + 1, row_number() over (order by p.slug)
        from (select f.home_id, f.slug
              from freehold._fleet_pending(rollout.template, array(
                  select m.migration_id from freehold.rollout_migration as m where m.rollout_id = rollout.id order by m.ordinal)) as f
              where rollout.direction = 'apply'
              union all
              select b.home_id, b.slug from freehold._fleet_brought(rollout) as b where rollout.direction = 'rollback') as p
        on conflict on constraint rollout_tenant_pkey do nothing;
        if found then
            update freehold.rollout as r set last_wave = r.last_wave + 1 where r.id = rollout.id returning * into rollout;
        end if;
    end if;
    if rollout.wave = rollout.last_wave then
        return freehold._rollout_change(rollout, 'done');
    end if;
    update freehold.rollout as r
    set forgiven = 0,
        wave = (select min(t.wave) from freehold.rollout_tenant as t where t.rollout_id = rollout.id and t.wave > rollout.wave)
    where r.id = rollout.id
    returning * into rollout;
    if rollout.pause_after = 'wave' and rollout.wave > 1 or rollout.pause_after = 'canary' and rollout.wave = 2 then
        return freehold._rollout_change(rollout, 'paused', format('before wave %s, as planned', rollout.wave));
    end if;
    return rollout;
end
$$;
