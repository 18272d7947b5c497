-- security definer: runs the queries through the tenants' readers. Touches: rollup_tenant (up to max_tenants rows, locked; those that
-- others hold are passed over), rollup (rows whose tenants are listed, locked), tenant (read), access_log (a row for each, where it is on).
create or replace function freehold.rollup_refresh(max_tenants integer default 50) returns integer
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_held constant text[] := freehold._fleet_locks();
    v_due record;
    v_asked record;
    v_count integer := 0;
begin
    if max_tenants is null or max_tenants < 1 then
        raise exception 'max_tenants is at least 1' using errcode = 'FH003';
    end if;
    -- One session at a time lists a rollup's new tenants; the others do what is listed.
    insert into freehold.rollup_tenant (rollup, tenant_id, due_at)
    select n.name, n.id, freehold._now()
    from (select r.* from freehold.rollup as r for no key update skip locked) as l
    cross join lateral (
        select l.name, t.id
        from freehold.tenant as t
        where t.state = 'active' and t.template = coalesce(l.template, t.template) and t.tier = coalesce(l.tier, t.tier)
            and not exists (select from freehold.rollup_tenant as a where a.rollup = l.name and a.tenant_id = t.id)
        limit max_tenants) as n
    on conflict do nothing;
    for v_due in
        select a.rollup, a.tenant_id, t.slug, r.query, r.every, r.timeout, r.max_rows
        from freehold.rollup_tenant as a
        join freehold.rollup as r on r.name = a.rollup
        join freehold.tenant as t
            on t.id = a.tenant_id and t.state = 'active' and t.template = coalesce(r.template, t.template)
               and t.tier = coalesce(r.tier, t.tier)
        where a.due_at <= freehold._now()
        order by a.due_at
        limit max_tenants
        for update of a skip locked
    loop
        v_asked := freehold._fleet_ask(v_due.slug, v_due.query, v_due.timeout, v_due.max_rows, 1000000, 'rollup ' || v_due.rollup);
        update freehold.rollup_tenant as a
        set due_at = freehold._now() + v_due.every, error_code = v_asked.error_code, error = v_asked.error,
            as_of = case when v_asked.answer is null then a.as_of else freehold._now() end,
            rows = case when v_asked.answer is null then a.rows else to_jsonb(v_asked.answer) end
        where a.rollup = v_due.rollup and a.tenant_id = v_due.tenant_id;
        v_count := v_count + 1;
        -- What is done so far stays, and the tenant that it was at has its turn behind it.
        exit when v_asked.cancelled;
    end loop;
    perform freehold._fleet_clean(v_held);
    return v_count;
end
$$;

comment on function freehold.rollup_refresh(integer) is
    'Asks what is due of the rollups: max_tenants answers at most; returns how many, so that 0 says that nothing is due. For a keeper, '
    'which calls it over and over, in as many sessions as it likes: none waits for another. Set statement_timeout: the answer that it '
    'strikes fails, and those before it are kept. What goes wrong in a tenant is in rollup_get(). Raises FH003 for no number.';
