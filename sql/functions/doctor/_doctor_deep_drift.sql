create or replace function freehold._doctor_deep_drift()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'warning', format('tenant %s', d.slug),
           format('differs from version %s of template %s in %s objects', d.version, d.template, d.differences),
           'Somebody changed the schema, or a migration did not come through.',
           format('select * from freehold.tenant_drift(%L);', d.slug)
    from freehold.fleet_drift() as d
    where d.drifted
$$;
