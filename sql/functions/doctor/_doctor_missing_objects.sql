create or replace function freehold._doctor_missing_objects()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'error', format('%s %s', h.kind, h.name), format('schema %I is missing', h.schema_name),
           format('The registry says that it is %s.', h.state),
           'Restore the schema from a backup, or retire and erase the tenant.'
    from freehold._fleet_home() as h
    where h.ns is null
    union all
    select 'error', format('%s %s', h.kind, h.name), format('role %I is missing', u.role),
           format('The registry says that it is %s.', h.state),
           'Restore the role from a backup (pg_dumpall --roles-only), or retire and erase the tenant.'
    from freehold._fleet_home() as h
    cross join lateral unnest(h.roles) as u (role)
    where not exists (select from pg_roles as r where r.rolname = u.role)
$$;
