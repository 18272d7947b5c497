-- security definer: the tables are the owner's. Touches: template (row lock), rollout, rollout_migration, rollout_tenant, operation
-- (one row); tenant, template_version, tenant_migration, catalogs (read).
create or replace function freehold.rollout_create(
    template text,
    migrations jsonb,
    canaries text[] default null,
    first_wave integer default 10,
    growth numeric default 5,
    lock_timeout interval default '2 seconds',
    statement_timeout interval default '1 minute',
    max_failures integer default 10,
    max_failure_percent numeric default 5,
    attempts integer default 6,
    pause_after text default 'never',
    acknowledged text[] default '{}'
) returns freehold.rollout
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_template constant freehold.template := freehold._template_lock(rollout_create.template, shared => true);
    v_rollout freehold.rollout;
    v_ids text[];
    v_canaries uuid[];
    v_unknown text;
begin
    if jsonb_typeof(migrations) <> 'array' or jsonb_array_length(migrations) = 0
        or exists (select from jsonb_array_elements(migrations) as m where m ->> 'id' is null or m ->> 'digest' is null) then
        raise exception 'migrations is a JSON array of {"id": ..., "digest": ...}, in the order of application'
            using errcode = 'FH003';
    end if;
    perform freehold._word_check('pause_after', coalesce(pause_after, ''), 'freehold.rollout', 'pause_after');
    if first_wave < 1 or growth < 1 or attempts < 1 or max_failures < 0 or max_failure_percent not between 0 and 100
        or lock_timeout <= '0' or statement_timeout <= '0' then
        raise exception 'a parameter of the rollout is out of range'
            using errcode = 'FH003', detail = 'first_wave, growth and attempts are 1 or more, max_failures 0 or more, max_failure_percent '
                      '0 to 100, timeouts more than 0.';
    end if;
    insert into freehold.rollout
        (template, direction, plan_digest, lock_timeout, statement_timeout, max_failures, max_failure_percent, attempts, pause_after,
         acknowledged, version_before, created_at, created_by)
    values
        (v_template.name, 'apply', '', rollout_create.lock_timeout, rollout_create.statement_timeout, max_failures,
         max_failure_percent, attempts, pause_after, coalesce(acknowledged, '{}'), v_template.version, freehold._now(),
         freehold.actor_current())
    returning * into v_rollout;
    insert into freehold.rollout_migration (rollout_id, ordinal, migration_id, source_digest, contract)
    select v_rollout.id, m.ordinal, m.entry ->> 'id', m.entry ->> 'digest',
           array(select c.id from jsonb_array_elements_text(coalesce(m.entry -> 'contract', '[]')) as c (id))
    from jsonb_array_elements(migrations) with ordinality as m (entry, ordinal);
    v_ids := array(select m.migration_id from freehold.rollout_migration as m where m.rollout_id = v_rollout.id order by m.ordinal);
    perform freehold._rollout_check(v_rollout);

    insert into freehold.rollout_tenant (rollout_id, home_id, slug, wave, ordinal)
    values (v_rollout.id, v_template.id, '@' || v_template.name, 0, 1);
    insert into freehold.rollout_tenant (rollout_id, home_id, slug, wave, ordinal)
    select v_rollout.id, p.home_id, p.slug, 1, row_number() over (order by p.slug)
    from freehold._fleet_pending(v_template.name, v_ids) as p;
    select c.slug into v_unknown
    from unnest(canaries) as c (slug)
    where not exists (select from freehold.tenant as t
                      where t.slug = c.slug and t.template = v_template.name and t.state in ('active', 'suspended', 'retired'))
    limit 1;
    if found then
        raise exception 'no tenant of template "%" is called %', v_template.name, quote_literal(v_unknown) using errcode = 'FH101';
    end if;
    v_canaries := case
        when canaries is null then freehold._canary_pick(array(
            select t.home_id from freehold.rollout_tenant as t where t.rollout_id = v_rollout.id and t.wave = 1))
        else array(select t.home_id from freehold.rollout_tenant as t
                   where t.rollout_id = v_rollout.id and t.wave = 1 and t.slug = any (canaries)) end;
    -- The sizes of the waves are a geometric series, so the wave of the n-th is a logarithm.
    update freehold.rollout_tenant as t
    set wave = w.wave, ordinal = w.n
    from (select r.home_id, r.n,
                 2 + case when growth = 1 then (r.n - 1) / first_wave
                          else floor(log(growth, 1 + (r.n - 1) * (growth - 1) / first_wave) + 1e-9) end as wave
          from (select i.home_id, row_number() over (order by i.slug) as n
                from freehold.rollout_tenant as i
                where i.rollout_id = v_rollout.id and i.wave = 1 and i.home_id <> all (v_canaries)) as r) as w
    where t.rollout_id = v_rollout.id and t.home_id = w.home_id;
    update freehold.rollout as r
    set last_wave = (select max(t.wave) from freehold.rollout_tenant as t where t.rollout_id = v_rollout.id),
        plan_digest = freehold._rollout_digest(v_rollout)
    where r.id = v_rollout.id
    returning * into v_rollout;
    perform freehold._operation_done('rollout_create', null, v_template.name, v_rollout.created_at, jsonb_build_object(
        'rollout', v_rollout.id, 'migrations', v_ids, 'plan', v_rollout.plan_digest, 'acknowledged', v_rollout.acknowledged));
    return v_rollout;
end
$$;

comment on function freehold.rollout_create(
    text, jsonb, text[], integer, numeric, interval, interval, integer, numeric, integer, text, text[]
) is
    'Plans a rollout: the template first, then canaries (one of each tier and decile by size, unless they are named), then waves that '
    'grow by a factor. Nothing runs until rollout_start(). migrations is an array of {"id", "digest", "contract": [ids]} in the order of '
    'application, digest the sha256 (hex) of the file. A wave that fails more often than max_failures or max_failure_percent halts '
    'the rollout. lock_timeout bounds how long a tenant''s traffic waits behind a step that waits. Raises FH003 for bad parameters, FH101 '
    'for an unknown canary, FH102 for an unknown template, FH212 for a file that was changed after somebody ran it, FH213 for a contract '
    'step that comes too early.';
