-- security definer: the tables are the owner's. Touches: mask_rule, tenant, template (read).
create or replace function freehold.mask_list(home text default null)
    returns table (declared_for text, table_name name, column_name name, rule text, options jsonb, stale boolean)
    language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_home freehold.tenant;
begin
    if mask_list.home is null then
        return query
            select coalesce('@' || t.name, n.slug), m.table_name, m.column_name, m.rule, m.options, null::boolean
            from freehold.mask_rule as m
            left join freehold.template as t on t.id = m.home_id
            left join freehold.tenant as n on n.id = m.home_id
            order by 1, 2, 3;
        return;
    end if;
    v_home := freehold._home_get(mask_list.home);
    return query
        select m.origin, m.table_name, m.column_name, m.rule, m.options,
               exists (select from freehold._mask_stale(v_home) as s
                       where s.table_name = m.table_name and s.column_name = m.column_name)
        from freehold._mask_rule(v_home) as m
        order by 2, 3;
end
$$;

comment on function freehold.mask_list(text) is
    'The masking rules that hold for a tenant or template, with the home each was declared for and whether its column is gone; without '
    'a home all that were declared. Raises FH101 or FH102 for an unknown home.';
