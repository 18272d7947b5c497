create or replace function freehold._doctor_templates()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'note', format('template %s', m.name), format('%s tenants are not at version %s', count(*), m.version),
           'They were built from another one.',
           'Bring them up: apply to each what changed; freehold doctor --deep tells where a schema differs from its own version.'
    from freehold.template as m
    join freehold.tenant as t on t.template = m.name and t.template_version <> m.version
    where t.state in ('active', 'suspended')
    group by m.name, m.version
$$;
