-- security definer: the tables are the owner's. Touches: rollup, rollup_tenant, tenant (read).
create or replace function freehold.rollup_list() returns table (
    name text, query text, every interval, template text, tier text, timeout interval, max_rows integer, reason text, created_by text,
    created_at timestamptz, tenants bigint, answered bigint, failed bigint, oldest timestamptz
)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select r.name, r.query, r.every, r.template, r.tier, r.timeout, r.max_rows, r.reason, r.created_by, r.created_at,
           count(t.id), count(a.as_of), count(a.error_code), min(a.as_of)
    from freehold.rollup as r
    left join freehold.tenant as t
        on t.state = 'active' and t.template = coalesce(r.template, t.template) and t.tier = coalesce(r.tier, t.tier)
    left join freehold.rollup_tenant as a on a.rollup = r.name and a.tenant_id = t.id
    group by r.name
    order by r.name
$$;

comment on function freehold.rollup_list() is
    'The rollups: what is asked how often, how many tenants they are about, how many have answered, how many failed the last time, and how '
    'old the oldest answer is.';
