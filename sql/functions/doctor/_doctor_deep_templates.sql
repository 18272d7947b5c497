create or replace function freehold._doctor_deep_templates()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'note', format('template %s', t.name), 'has changed since it was frozen',
           'New tenants are built from the version that was frozen.', format('select freehold.template_freeze(%L);', t.name)
    from freehold.template_list() as t
    where t.version is not null and t.changed
$$;
