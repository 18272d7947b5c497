-- The roles of this installation that exist. home_owner and runtime are those of tenants and templates; trusted is the group
-- that sql/harden.sql makes, gates the one that passes every gate.
create or replace function freehold._fleet_role()
    returns table (id oid, role_name name, kind text, home text, state text, gate_name name)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with known (role_name, kind, home, state, gate_name) as (
        select freehold._role(s), s, null, null, null
        from unnest(array['owner', 'admin', 'auditor', 'worker', 'audit_owner', 'tenant', 'gates', 'resolver', 'member',
                          'break_glass', 'analyst', 'trusted']) as s
        union all
        select freehold._role('cell_00'), 'cell', null, null, null
        union all
        select c.role_name, 'cell', null, null, null from freehold.cell as c
        union all
        select c.gate_name, 'gate', null, null, null from freehold.cell as c
        union all
        select u.role, case u.role when h.owner_role then 'home_owner' else 'runtime' end, h.name, h.state,
               case h.kind when 'tenant' then c.gate_name end
        from freehold._fleet_home() as h
        join freehold.cell as c on c.number = h.cell
        cross join lateral unnest(h.roles) as u (role)
    )
    select r.oid, k.role_name, k.kind, k.home, k.state, k.gate_name
    from known as k
    join pg_roles as r on r.rolname = k.role_name
$$;
