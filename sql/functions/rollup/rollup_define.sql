-- security definer: the tables are the owner's. Touches: rollup, event (one row each); rollup_tenant (deletes the rows of another query).
create or replace function freehold.rollup_define(
    name text, query text, every interval, template text default null, tier text default null, timeout interval default '10 seconds',
    max_rows integer default 100, reason text default null
) returns freehold.rollup
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_before freehold.rollup;
    v_rollup freehold.rollup;
begin
    if coalesce(name !~ '^[a-z][a-z0-9_]{0,62}$', true) then
        raise exception 'a rollup''s name is at most 63 of a-z, 0-9 and _, beginning with a letter' using errcode = 'FH003';
    end if;
    if every is null or every < interval '1 second' then
        raise exception 'a rollup is refreshed every second at most' using errcode = 'FH003';
    end if;
    perform freehold._fleet_check(query, timeout, max_rows, 1);
    select * into v_before from freehold.rollup as r where r.name = rollup_define.name for update;
    insert into freehold.rollup (name, query, every, template, tier, timeout, max_rows, reason, created_by, created_at)
    values (rollup_define.name, rollup_define.query, rollup_define.every, rollup_define.template, rollup_define.tier,
            rollup_define.timeout, rollup_define.max_rows, rollup_define.reason, freehold.actor_current(), freehold._now())
    on conflict on constraint rollup_pkey do update
    set query = excluded.query, every = excluded.every, template = excluded.template, tier = excluded.tier, timeout = excluded.timeout,
        max_rows = excluded.max_rows, reason = excluded.reason
    returning * into v_rollup;
    if (v_before.query, v_before.max_rows) is distinct from (v_rollup.query, v_rollup.max_rows) then
        delete from freehold.rollup_tenant as a where a.rollup = rollup_define.name;
    elsif v_before.every <> v_rollup.every then
        update freehold.rollup_tenant as a set due_at = least(a.due_at, freehold._now() + every) where a.rollup = rollup_define.name;
    end if;
    perform freehold._event_record('rollup_define', null, null, reason, jsonb_build_object(
        'name', name, 'query', left(query, 2000), 'every', every, 'template', template, 'tier', tier));
    return v_rollup;
end
$$;

comment on function freehold.rollup_define(text, text, interval, text, text, interval, integer, text) is
    'Declares a query whose answers are kept, tenant by tenant, no older than every: of all active tenants, of one template, of one tier. '
    'rollup_refresh() asks it as fleet_query() would; rollup_get() has the answers. Again, it replaces what was declared; the answers to '
    'another query go. An event keeps it. Raises FH003 for bad arguments.';
