-- Threshold: with 10,000 roles the first SET ROLE was measured at 0.06 s on PostgreSQL 17 and 18, 0.15 s on 16 and 0.5 s on 15.
create or replace function freehold._doctor_gate_reach(max_roles bigint default 5000)
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with ours as materialized (
        select r.id, r.kind from freehold._fleet_role() as r where r.kind in ('gate', 'gates', 'runtime')
    ), edge as materialized (
        select distinct m.member, m.roleid, o.kind
        from freehold._membership_list() as m
        join ours as o on o.id = m.roleid
        where m.inherits or m.sets
    ), passed as (
        select e.member, e.roleid as gate from edge as e where e.kind = 'gate'
        union
        select e.member, g.roleid
        from edge as e
        join edge as g on g.member = e.roleid and g.kind = 'gate'
        where e.kind = 'gates'
    ), behind as (
        select e.member as gate, count(*) as roles from edge as e where e.kind = 'runtime' group by e.member
    )
    select 'warning', l.rolname::text, format('reaches %s roles of tenants by %s gates', sum(b.roles), count(*)),
           'An escape out of the login reaches all of them; and its first SET ROLE in a backend, and after each change of a '
           'membership, collects them.',
           format('select freehold.gate_revoke(%1$L); then, for few cells: select freehold.gate_grant(%1$L, cell => ...); and logins of '
                  'their own for the others', l.rolname)
    from passed as p
    join behind as b on b.gate = p.gate
    join pg_roles as l on l.oid = p.member and l.rolcanlogin
    -- The service has one login, and needs all.
    where not exists (
        select from freehold._membership_list() as m
        where m.member = p.member and m.roleid = to_regrole(quote_ident(freehold._role('member'))))
    group by l.rolname
    having sum(b.roles) > max_roles
$$;
