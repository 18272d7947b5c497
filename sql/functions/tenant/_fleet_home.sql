-- Tenants, templates and the reserve as the catalogs have them: ns and owner are null where schema or role is missing.
create or replace function freehold._fleet_home()
    returns table (kind text, name text, state text, cell integer, schema_name name, ns oid, owner_role name, owner oid, roles name[])
    language sql stable security invoker
begin atomic
    select h.kind, h.name, h.state, h.cell, h.schema_name, n.oid, h.owner_role, r.oid, h.roles
    from (select 'tenant' as kind, t.slug as name, t.state, t.cell, t.schema_name, t.owner_role, freehold._tenant_roles(t) as roles
          from freehold.tenant as t
          where t.state <> 'erased'
          union all
          select 'template', t.name, 'active', t.cell, t.schema_name, t.owner_role, array[t.owner_role, t.rw_role]
          from freehold.template as t
          union all
          select 'reserve', r.schema_name, case when r.operation_id is null then 'active' else 'provisioning' end, r.cell,
                 r.schema_name, r.owner_role, array[r.owner_role, r.rw_role]
          from freehold.reserve as r) as h
    left join pg_namespace as n on n.nspname = h.schema_name
    left join pg_roles as r on r.rolname = h.owner_role;
end;
