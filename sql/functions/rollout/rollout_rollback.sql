-- security definer: the tables are the owner's. Touches: rollout, rollout_migration, rollout_tenant, operation; tenant_migration
-- (read).
create or replace function freehold.rollout_rollback(id bigint, migrations text[] default null) returns freehold.rollout
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_undone freehold.rollout := freehold._rollout_get(rollout_rollback.id, locked => true);
    v_rollout freehold.rollout;
begin
    if v_undone.state = 'planned' or v_undone.direction = 'rollback' then
        raise exception 'rollout % has applied nothing', id using errcode = 'FH202';
    end if;
    if v_undone.state in ('running', 'paused', 'halted') then
        v_undone := freehold._rollout_change(v_undone, 'aborted', 'rolled back');
    end if;
    insert into freehold.rollout
        (template, direction, plan_digest, undoes, lock_timeout, statement_timeout, max_failures, max_failure_percent, attempts,
         pause_after, version_before, created_at, created_by)
    values
        (v_undone.template, 'rollback', '', v_undone.id, v_undone.lock_timeout, v_undone.statement_timeout, v_undone.max_failures,
         v_undone.max_failure_percent, v_undone.attempts, v_undone.pause_after, v_undone.version_after, freehold._now(),
         freehold.actor_current())
    returning * into v_rollout;
    insert into freehold.rollout_migration (rollout_id, ordinal, migration_id, source_digest)
    select v_rollout.id, row_number() over (order by m.ordinal desc), m.migration_id, m.source_digest
    from freehold.rollout_migration as m
    where m.rollout_id = v_undone.id and (migrations is null or m.migration_id = any (migrations));
    if not found then
        raise exception 'rollout % has none of these migrations', id using errcode = 'FH108';
    end if;
    -- The template first, lest tenants are born with what is being taken back; then the waves from the last to the first.
    insert into freehold.rollout_tenant (rollout_id, home_id, slug, wave, ordinal)
    select v_rollout.id, t.home_id, t.slug, case t.wave when 0 then 0 else 1 + v_undone.last_wave - t.wave end, t.ordinal
    from freehold.rollout_tenant as t
    where t.rollout_id = v_undone.id
        and (t.wave = 0 or exists (
            select from freehold.tenant_migration as m
            join freehold.rollout_migration as r on r.rollout_id = v_rollout.id and r.migration_id = m.migration_id
            where m.home_id = t.home_id and m.state <> 'rolled back'));
    -- And those who were born with it.
    insert into freehold.rollout_tenant (rollout_id, home_id, slug, wave, ordinal)
    select v_rollout.id, t.id, t.slug, 1, row_number() over (order by t.slug)
    from freehold.tenant as t
    join freehold.template_version as v on v.template = t.template and v.version = t.base_version
    where t.template = v_undone.template and t.state in ('active', 'suspended', 'retired')
        and exists (select from freehold.rollout_migration as r
                    where r.rollout_id = v_rollout.id and r.migration_id = any (v.migrations))
    on conflict on constraint rollout_tenant_pkey do nothing;
    update freehold.rollout as r
    set last_wave = (select max(t.wave) from freehold.rollout_tenant as t where t.rollout_id = v_rollout.id),
        plan_digest = freehold._rollout_digest(v_rollout)
    where r.id = v_rollout.id
    returning * into v_rollout;
    perform freehold._operation_done('rollout_rollback', null, v_rollout.template, v_rollout.created_at, jsonb_build_object(
        'rollout', v_rollout.id, 'undoes', id, 'plan', v_rollout.plan_digest));
    return v_rollout;
end
$$;

comment on function freehold.rollout_rollback(bigint, text[]) is
    'Plans to take a rollout back, all of it or some of its migrations: the template first, then the waves from the last to the first, '
    'each tenant''s migrations in the reverse order. One that is still open is aborted. Start it with rollout_start(). Raises FH107 for '
    'an unknown one, FH108 for migrations that it has not, FH202 for one that has applied nothing.';
