create or replace function freehold._doctor_large_objects()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'warning', format('large object %s', l.oid), format('belongs to %s', r.role_name),
           'It is in no schema: dropping the schema leaves it, and cloning the tenant is refused.',
           format('select lo_unlink(%s);', l.oid)
    from pg_largeobject_metadata as l
    join freehold._fleet_role() as r on r.id = l.lomowner
$$;
