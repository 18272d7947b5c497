-- Roles that administer freehold, as the installing one does: they may become its owner. PostgreSQL 15 makes nobody a member of the
-- roles that it creates: there CREATEROLE does instead, of whoever is an administrator.
create or replace function freehold._isolation_installer() returns table (id oid, object name, reached_by text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select e.member, o.role_name, 'membership'
    from freehold._fleet_role() as o
    join freehold._isolation_edge() as e on e.roleid = o.id
    where o.kind = 'owner' and e.member not in (select f.id from freehold._fleet_role() as f)
    union all
    select e.member, freehold._role('owner'), 'createrole'
    from freehold._fleet_role() as a
    join freehold._isolation_edge() as e on e.roleid = a.id
    join pg_roles as r on r.oid = e.member
    where a.kind = 'admin' and r.rolcreaterole and e.member not in (select f.id from freehold._fleet_role() as f)
        and current_setting('server_version_num')::integer < 160000
$$;
