-- What the cells, gates and groups should hold and do not, as statements for cell 0: CREATE and CONNECT on the database, where
-- cell 0 can pass them on; for a cell, the right to put roles into the tenants' group; for the group of all gates, its place in each.
create or replace function freehold._cell_grant_missing() returns table (statement text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with giver as (
        select current_database() as database, freehold._role('cell_00') as cell, freehold._role('tenant') as tenant,
               freehold._role('gates') as gates
    )
    select format('grant create on database %I to %I', g.database, c.role_name)
    from freehold.cell as c, giver as g
    where has_database_privilege(g.cell, g.database, 'create with grant option')
        and not has_database_privilege(c.role_name, g.database, 'create')
    union all
    select format('grant connect on database %I to %I', g.database, m.role_name)
    from freehold._connect_missing() as m, giver as g
    where has_database_privilege(g.cell, g.database, 'connect with grant option')
    union all
    select format('grant %I to %I with admin %s', g.tenant, c.role_name,
                  case when current_setting('server_version_num')::integer < 160000 then 'option'
                       else 'true, inherit false, set false' end)
    from freehold.cell as c, giver as g
    where not exists (
        select from pg_auth_members as m
        where m.roleid = quote_ident(g.tenant)::regrole and m.member = quote_ident(c.role_name)::regrole and m.admin_option)
    union all
    select format('grant %I to %I%s', c.gate_name, g.gates, freehold._membership(true, true))
    from freehold.cell as c, giver as g
    where not exists (
        select from pg_auth_members as m
        where m.roleid = quote_ident(c.gate_name)::regrole and m.member = quote_ident(g.gates)::regrole
            and coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)
            and coalesce((to_jsonb(m) ->> 'set_option')::boolean, true))
$$;
