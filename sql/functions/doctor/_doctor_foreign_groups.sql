-- Admin, auditor, worker, break-glass and analyst are people's groups: a DBA may give them more.
create or replace function freehold._doctor_foreign_groups()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with ours as materialized (
        select * from freehold._fleet_role()
    )
    select 'error', r.role_name::text, format('is a member of %s', m.roleid::regrole),
           case r.kind when 'runtime' then 'Whoever acts for the tenant has that role''s rights as well.'
                       else 'Its rights go beyond what it is there for.' end,
           freehold._membership_undo(m.roleid, m.member, m.grantor)
    from ours as r
    join freehold._membership_list() as m on m.member = r.id
    left join ours as g on g.id = m.roleid
    where r.kind not in ('admin', 'auditor', 'worker', 'break_glass', 'analyst')
        and case r.kind
            when 'runtime' then g.kind is distinct from 'tenant'
            when 'home_owner' then coalesce(g.kind not in ('tenant', 'trusted'), true)
            when 'gate' then coalesce(g.kind not in ('runtime', 'trusted'), true)
            when 'gates' then coalesce(g.kind not in ('gate', 'trusted'), true)
            when 'tenant' then true
            when 'resolver' then true
            when 'member' then true
            -- Of a break-glass login its cell is the maker.
            else g.kind is null and m.roleid not in (
                select p.oid from freehold.break_glass as b join pg_roles as p on p.rolname = b.login)
        end
$$;
