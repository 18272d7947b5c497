-- Outside their own schemas tenants read shared tables at most.
create or replace function freehold._doctor_shared_grants()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with tenant as materialized (
        select r.id, r.role_name from freehold._fleet_role() as r where r.kind in ('tenant', 'gate', 'gates', 'runtime', 'home_owner')
    )
    select 'warning', c.oid::regclass::text,
           format('%s has %s', coalesce(t.role_name, 'public'), string_agg(lower(a.privilege_type), ', ' order by a.privilege_type)),
           'A tenant changes what others read, or learns by a foreign key which rows there are.',
           freehold._privilege_undo(string_agg(a.privilege_type, ', ' order by a.privilege_type), format('table %s', c.oid::regclass),
                                    a.grantee, a.grantor, c.relowner)
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace and n.nspname !~ '^(pg_|information_schema$|freehold$)'
    cross join lateral aclexplode(c.relacl) as a
    left join tenant as t on t.id = a.grantee
    where c.relkind in ('r', 'p', 'v', 'f', 'm')
        and (a.grantee = 0 and a.privilege_type <> 'SELECT' or t.id is not null and a.privilege_type <> 'SELECT')
        and not exists (select from freehold._fleet_home() as h where h.ns = c.relnamespace)
    group by c.oid, c.relowner, a.grantee, a.grantor, t.role_name
$$;
