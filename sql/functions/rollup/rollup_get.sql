-- security definer: the tables are the owner's. Touches: rollup, rollup_tenant, tenant (read).
create or replace function freehold.rollup_get(name text)
    returns table (slug text, "row" jsonb, as_of timestamptz, error_code text, error text)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from freehold.rollup as r where r.name = rollup_get.name) then
        raise exception 'no rollup is called %', coalesce(quote_literal(name), 'null')
            using errcode = 'FH170', hint = 'select * from freehold.rollup_list(); shows them.';
    end if;
    return query
        select t.slug, v.value, a.as_of, a.error_code, a.error
        from freehold.rollup as r
        join freehold.tenant as t
            on t.state = 'active' and t.template = coalesce(r.template, t.template) and t.tier = coalesce(r.tier, t.tier)
        left join freehold.rollup_tenant as a on a.rollup = r.name and a.tenant_id = t.id
        left join lateral jsonb_array_elements(a.rows) with ordinality as v (value, ordinal) on true
        where r.name = rollup_get.name
        order by t.slug, v.ordinal;
end
$$;

comment on function freehold.rollup_get(text) is
    'What is kept of a rollup: the rows of each active tenant with the time they are of, and its error where the last attempt failed, '
    'beside the rows of an earlier one; a tenant without rows has one line. Analysts'': it is tenants'' data. Raises FH170 for an '
    'unknown name.';
