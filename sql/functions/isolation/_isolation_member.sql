-- Memberships, and whether they are as freehold makes them: cells hold ADMIN on what they made, a gate may become an active
-- tenant's runtime role, a break-glass login inherits one, tenants' roles inherit their group, logins their gate or the group of all
-- gates, and that group each of them. judged are those in or from a tenant's roles.
create or replace function freehold._isolation_member()
    returns table (roleid oid, member oid, grantor oid, inherits boolean, sets boolean, admin boolean, expected boolean, judged boolean)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with subject as materialized (
        select s.* from freehold._isolation_subject() as s where s.id <> 0
    ), cell as (
        select r.id from freehold._fleet_role() as r where r.kind = 'cell'
    ), glass as materialized (
        select g.roleid, g.member from freehold._break_glass_member() as g
    ), known as materialized (
        select freehold._role('tenant') as tenant, freehold._role('trusted') as trusted, freehold._role('gates') as gates,
               current_setting('server_version_num')::integer >= 160000 as has_options
    )
    select e.*,
           case
               when e.member in (select c.id from cell as c)
                   then coalesce(r.role_name in (k.tenant, k.trusted)
                                 or r.id is not null and k.has_options and not e.inherits and not e.sets, false)
               -- Whoever installed may pass on what he made, and is none of it.
               when r.kind in ('group', 'gate') and m.id is null and not e.inherits and not e.sets then true
               when e.admin or r.id is null then false
               when r.role_name = k.tenant then coalesce(m.kind in ('owner', 'runtime'), false)
               when r.role_name = k.trusted then m.kind is distinct from 'runtime'
               when r.kind = 'runtime' then
                   coalesce(m.role_name = r.gate, false) and not e.inherits
                   or (e.roleid, e.member) in (select g.roleid, g.member from glass as g) and not (k.has_options and e.sets)
               when r.kind = 'gate' then coalesce(m.kind = 'login' or m.role_name = k.gates and r.role_name <> k.gates, false)
               else false
           end,
           coalesce(r.kind <> 'login', false) or coalesce(m.kind <> 'login', false)
    from freehold._isolation_edge() as e
    cross join known as k
    left join subject as r on r.id = e.roleid
    left join subject as m on m.id = e.member
$$;
