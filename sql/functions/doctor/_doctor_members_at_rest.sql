create or replace function freehold._doctor_members_at_rest()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'error', r.role_name::text, format('%s is a member of it', m.member::regrole),
           case r.kind when 'home_owner' then 'It can do with the objects whatever their owner can.'
                       when 'cell' then 'It can do with the roles of a cell''s tenants whatever it likes.'
                       else 'It can rewrite the control plane.' end,
           freehold._membership_undo(m.roleid, m.member, m.grantor)
    from freehold._fleet_role() as r
    join freehold._membership_list() as m on m.roleid = r.id
    where r.kind in ('owner', 'cell', 'audit_owner', 'home_owner') and (m.inherits or m.sets)
        -- Not at rest: a session that is at a migration which no function can run.
        and not exists (
            select from freehold.tenant_migration as g
            join pg_stat_activity as a on a.pid = g.backend_pid
            where g.state = 'applying' and quote_ident(g.login)::regrole = m.member
                and g.home_id in (select t.id from freehold.tenant as t where t.owner_role = r.role_name and t.state <> 'erased'
                                  union all
                                  select p.id from freehold.template as p where p.owner_role = r.role_name))
$$;
