-- Whether the runtime roles of active tenants hold in their own schema what they should: its use, and a right to some relation
-- where it has any.
create or replace function freehold._isolation_control()
    returns table (slug text, role_name name, schema_name name, held boolean)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with runtime as materialized (
        select t.slug, u.role, t.schema_name, n.oid as ns, r.oid as id
        from freehold.tenant as t
        cross join lateral freehold._runtime_roles(t) as u
        left join pg_namespace as n on n.nspname = t.schema_name
        left join pg_roles as r on r.rolname = u.role
        where t.state = 'active'
    ), relation as materialized (
        select c.relnamespace as ns, c.relacl as acl
        from pg_class as c
        where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relnamespace in (select r.ns from runtime as r)
        group by c.relnamespace, c.relacl
    ), readable as (
        select distinct r.ns, a.grantee
        from relation as r
        cross join lateral aclexplode(r.acl) as a
        where a.privilege_type = 'SELECT'
    )
    select r.slug, r.role, r.schema_name,
           coalesce(has_schema_privilege(r.id, r.ns, 'usage')
                    and ((r.ns, r.id) in (select d.ns, d.grantee from readable as d)
                         or r.ns not in (select o.ns from relation as o)), false)
    from runtime as r
$$;
