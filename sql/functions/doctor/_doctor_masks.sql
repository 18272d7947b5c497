-- Masking rules for columns that are gone: a renamed column has none any more.
create or replace function freehold._doctor_masks()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'warning', format('%s %s', h.kind, h.name), format('has a masking rule for %s.%s, which is gone', s.table_name, s.column_name),
           'No tenant that it holds for can be cloned masked; a column that took its place has no rule.',
           format('select freehold.mask_reset(%L, %L, %L);', s.origin, s.table_name, s.column_name)
    from (
        select t, 'tenant' as kind, t.slug as name
        from freehold.tenant as t
        where t.state in ('active', 'suspended', 'retired') and t.id in (select m.home_id from freehold.mask_rule as m)
        union all
        select freehold._template_home(p), 'template', p.name
        from freehold.template as p
        where p.state = 'ready' and p.id in (select m.home_id from freehold.mask_rule as m)
    ) as h (home, kind, name)
    cross join lateral freehold._mask_stale(h.home) as s
    where s.origin = case h.kind when 'template' then '@' || h.name else h.name end
$$;
