create or replace function freehold._doctor_extensions()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'error', format('extension %I', e.extname), format('is in schema %I', h.schema_name),
           format('Its objects are not %s''s own: the schema cannot be cloned, and an erasure takes it from all others.', h.name),
           format('create schema if not exists extension; alter extension %I set schema extension;', e.extname)
    from pg_extension as e
    join freehold._fleet_home() as h on h.ns = e.extnamespace
$$;
