-- As whom a tenant's SQL is run, or may go back to run: public is every role, group all tenants, owner and runtime are those of
-- one schema (ns), glass is a person's who was let in, gate and login an application's, which injected SQL returns to. slug is null
-- where it is no tenant's.
create or replace function freehold._isolation_subject()
    returns table (id oid, role_name name, kind text, slug text, ns oid, gate name)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with recursive ours as materialized (
        select r.id, r.role_name, r.kind from freehold._fleet_role() as r
    ), member (id) as (
        select m.member
        from ours as g
        join freehold._isolation_edge() as m on m.roleid = g.id and (m.inherits or m.sets)
        where g.kind in ('gate', 'gates')
        union
        select m.member
        from member as l
        join freehold._isolation_edge() as m on m.roleid = l.id and (m.inherits or m.sets)
        where l.id not in (select o.id from ours as o)
    ), home as (
        select u.role, case u.role when h.owner_role then 'owner' else 'runtime' end as kind,
               case h.kind when 'tenant' then h.name end as slug, h.ns,
               case when h.kind = 'tenant' and h.state = 'active' then c.gate_name end as gate
        from freehold._fleet_home() as h
        join freehold.cell as c on c.number = h.cell
        cross join lateral unnest(h.roles) as u (role)
    )
    select 0::oid, 'public'::name, 'public', null::text, null::oid, null::name
    union all
    select o.id, o.role_name, case when o.kind in ('gate', 'gates') then 'gate' else 'group' end, null, null, null
    from ours as o
    where o.kind in ('tenant', 'trusted', 'gate', 'gates')
    union all
    select r.oid, h.role, h.kind, h.slug, h.ns, case h.kind when 'runtime' then h.gate end
    from home as h
    join pg_roles as r on r.rolname = h.role
    union all
    select g.member, r.rolname, 'glass', h.name, h.ns, null
    from freehold._break_glass_member() as g
    join pg_roles as r on r.oid = g.member
    join freehold.tenant as t on t.id = g.tenant_id
    join freehold._fleet_home() as h on h.kind = 'tenant' and h.name = t.slug
    union all
    select r.oid, r.rolname, 'login', null, null, null
    from pg_roles as r
    where r.oid in (select m.id from member as m) and r.oid not in (select o.id from ours as o)
        -- The installing role has all that is freehold's: _isolation_of_installer() says it once.
        and r.oid not in (select i.id from freehold._isolation_installer() as i)
$$;
