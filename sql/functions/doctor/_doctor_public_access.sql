-- What stands open to everybody, or to every tenant, in the database as a whole.
create or replace function freehold._doctor_public_access()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with open as (
        select 0::oid as id, 'PUBLIC' as who
        union all
        select r.id, r.role_name from freehold._fleet_role() as r where r.kind in ('tenant', 'gate', 'gates', 'runtime', 'home_owner')
    )
    select 'error', format('database %I', d.datname), format('%s may %s', o.who, lower(a.privilege_type)),
           case a.privilege_type
               when 'CONNECT' then 'Every login of the cluster gets in.'
               when 'TEMPORARY' then 'A temporary table or view stands before what a careless function means.'
               else 'It can make schemas, and extensions that are trusted.' end,
           freehold._privilege_undo(a.privilege_type, format('database %I', d.datname), a.grantee, a.grantor, d.datdba)
    from pg_database as d
    cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as a
    join open as o on o.id = a.grantee
    where d.datname = current_database() and (a.privilege_type <> 'CONNECT' or a.grantee = 0)
    union all
    select 'error', format('schema %I', n.nspname), format('%s may %s', o.who, lower(a.privilege_type)),
           case a.privilege_type when 'CREATE' then 'Code can be planted there for others to run.'
                                 else 'Nobody but the tenant''s own roles may use its schema.' end,
           freehold._privilege_undo(a.privilege_type, format('schema %I', n.nspname), a.grantee, a.grantor, n.nspowner)
    from pg_namespace as n
    cross join lateral aclexplode(n.nspacl) as a
    join open as o on o.id = a.grantee
    left join freehold._fleet_home() as h on h.ns = n.oid
    where a.grantee is distinct from h.owner and n.nspname !~ '^pg_(toast_)?temp_'
        and (a.privilege_type = 'CREATE' or h.ns is not null and a.grantee = 0)
$$;
