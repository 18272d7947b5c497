-- Who has passed a gate can always come back to itself (RESET ROLE): what else it may do is within reach of injected SQL.
create or replace function freehold._doctor_gate_members()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select case when l.rolsuper or l.rolbypassrls or not l.rolcanlogin then 'error' else 'warning' end, l.rolname::text,
           case when l.rolsuper then format('a superuser is a member of %s', g.role_name)
                when not l.rolcanlogin then format('is a member of %s and no login', g.role_name)
                else format('is a member of %s and more than an application''s login', g.role_name) end,
           case when not l.rolcanlogin then 'Whoever is a member of it reaches the tenants as well.'
                else 'SQL that is injected into the application can leave the tenant''s role and act as this one.' end,
           freehold._membership_undo(m.roleid, m.member, m.grantor)
    from freehold._fleet_role() as g
    join freehold._membership_list() as m on m.roleid = g.id
    join pg_roles as l on l.oid = m.member
    where g.kind in ('gate', 'gates') and (m.inherits or m.sets) and l.rolname <> freehold._role('gates')
        and (l.rolsuper or l.rolbypassrls or l.rolcreaterole or l.rolcreatedb or l.rolreplication or not l.rolcanlogin)
$$;
