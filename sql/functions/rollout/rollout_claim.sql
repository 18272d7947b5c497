-- security definer: the tables are the owner's. Touches: rollout (row lock where nobody else has it), rollout_tenant; tenant,
-- template, tenant_migration (read); where a template has it all, its versions.
create or replace function freehold.rollout_claim(
    id bigint, worker text, max_tenants integer default 10, lease interval default '2 minutes'
)
    returns table (
        lease_id uuid, kind text, slug text, schema_name name, tier text, settings jsonb, owner_role name, rw_role name, ro_role name,
        wave integer, attempt integer, migrations text[]
    )
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
    -- A session claims a dozen times: to plan for its first claims' values takes more than they.
    set plan_cache_mode = force_generic_plan
as $$
declare
    v_rollout freehold.rollout;
    v_next record;
    v_item freehold.rollout_tenant;
    v_home freehold.tenant;
    v_now constant timestamptz := freehold._now();
begin
    if max_tenants is null or max_tenants < 1 or rollout_claim.lease is null or rollout_claim.lease <= '0' then
        raise exception 'a worker claims at least one tenant, for some time' using errcode = 'FH003';
    end if;
    -- Code of a schema that a step in Python set off, and that came back to the worker's login, is in a transaction that has written.
    if pg_current_xact_id_if_assigned() is not null then
        raise exception 'tenants are claimed in a transaction of their own' using errcode = 'FH007';
    end if;
    -- One of those who come at the same time takes the rollout on; the others need not wait.
    select * into v_rollout from freehold.rollout as r where r.id = rollout_claim.id for update skip locked;
    if found then
        v_rollout := freehold._rollout_advance(v_rollout);
    else
        v_rollout := freehold._rollout_get(rollout_claim.id);
    end if;
    if v_rollout.state <> 'running' then
        return;
    end if;
    for v_next in
        -- By its place: of a rollout that is new the planner knows no rows, and by a key might read all of them for each.
        with picked as materialized (
            select n.ctid as place
            from freehold.rollout_tenant as n
            where n.rollout_id = v_rollout.id and n.wave = v_rollout.wave and n.state = 'pending'
                and (n.not_before is null or n.not_before <= v_now)
            order by n.ordinal
            limit max_tenants
            for update skip locked
        ), taken as (
            update freehold.rollout_tenant as t
            set state = 'claimed', worker = rollout_claim.worker, backend_pid = pg_backend_pid(), lease = gen_random_uuid(),
                lease_until = v_now + rollout_claim.lease, attempts = t.attempts + 1, started_at = coalesce(t.started_at, v_now)
            from picked as p
            where t.ctid = p.place
            returning t as item
        )
        select t.item, h as home
        from taken as t
        left join freehold.tenant as h on (t.item).wave > 0 and h.id = (t.item).home_id and h.state in ('active', 'suspended', 'retired')
        order by (t.item).ordinal
    loop
        v_item := v_next.item;
        v_home := case v_item.wave when 0 then freehold._rollout_template(v_item.home_id) else v_next.home end;
        migrations := freehold._rollout_pending(v_rollout, v_home);
        if v_home.id is null then
            perform freehold._rollout_end(v_item, 'skipped', error_message => 'the tenant is gone');
        elsif migrations = '{}' then
            begin
                perform freehold._rollout_finish(v_rollout, v_item, v_home);
            exception
                -- A template that cannot be frozen, for one: the next claim halts the rollout.
                when others then
                    perform freehold._rollout_end(v_item, 'failed', error_code => sqlstate, error_message => sqlerrm);
            end;
        else
            lease_id := v_item.lease;
            kind := case v_item.wave when 0 then 'template' else 'tenant' end;
            slug := v_home.slug;
            schema_name := v_home.schema_name;
            tier := v_home.tier;
            settings := v_home.settings;
            owner_role := v_home.owner_role;
            rw_role := v_home.rw_role;
            ro_role := v_home.ro_role;
            wave := v_item.wave;
            attempt := v_item.attempts;
            return next;
        end if;
    end loop;
end
$$;

comment on function freehold.rollout_claim(bigint, text, integer, interval) is
    'Takes the next tenants of a rollout for a worker, and what is still to be done to each, by the ledger. None come back while the '
    'rollout does not run, while others are at the rest of the wave, or while retries wait. A lease ends by itself, and at once when '
    'the session that claimed has ended. Raises FH107 for an unknown rollout, FH003 for bad arguments, FH007 in a '
    'transaction that has written something.';
