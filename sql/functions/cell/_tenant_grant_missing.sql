-- What the roles of tenants and templates should hold and do not, as statements for their cell: their place in the tenants'
-- group; for active tenants, the gate's membership in the runtime roles; the control plane's USAGE of the schema, for which
-- the cell borrows the role that owns it. One query: an installation where nothing is missing costs no statement a tenant.
create or replace function freehold._tenant_grant_missing() returns table (cell integer, statement text, borrowed name)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with home as (
        select h.cell, h.schema_name, h.owner_role, h.roles,
               case when h.kind = 'tenant' and h.state = 'active' then array_remove(h.roles, h.owner_role) end as admitted
        from freehold._fleet_home() as h
        where h.state in ('active', 'suspended', 'retired')
    ), declared (cell, role_name, member, inherits, sets) as (
        select h.cell, freehold._role('tenant'), u.role, true, false
        from home as h
        cross join lateral unnest(h.roles) as u (role)
        union all
        select h.cell, u.role, c.gate_name, false, true
        from home as h
        join freehold.cell as c on c.number = h.cell
        cross join lateral unnest(h.admitted) as u (role)
    )
    select d.cell, format('grant %I to %I%s', d.role_name, d.member, freehold._membership(d.inherits, d.sets)), null
    from declared as d
    join pg_roles as r on r.rolname = d.role_name
    join pg_roles as m on m.rolname = d.member
    where not exists (
        select
        from pg_auth_members as a
        where a.roleid = r.oid and a.member = m.oid
            and (not d.inherits or coalesce((to_jsonb(a) ->> 'inherit_option')::boolean, true))
            and (not d.sets or coalesce((to_jsonb(a) ->> 'set_option')::boolean, true)))
    union all
    select h.cell, format('grant %1$I to %2$I%3$s; grant usage on schema %4$I to %5$I; revoke %1$I from %2$I',
                          h.owner_role, c.role_name, freehold._membership(true, true), h.schema_name, freehold._role('owner')),
           h.owner_role
    from home as h
    join freehold.cell as c on c.number = h.cell
    join pg_namespace as n on n.nspname = h.schema_name
    where not has_schema_privilege(freehold._role('owner'), n.oid, 'usage')
$$;
