-- A role that administers freehold and is an application's login as well: injected SQL becomes it.
create or replace function freehold._isolation_of_installer()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'breach', null, r.rolname::text, 'role', i.object::text, 'member', i.reached_by,
           format('select freehold.gate_revoke(%L);', r.rolname)
    from freehold._isolation_installer() as i
    join pg_roles as r on r.oid = i.id
    where exists (select from freehold._isolation_edge() as g
                  join freehold._fleet_role() as f on f.id = g.roleid and f.kind in ('gate', 'gates')
                  where g.member = r.oid and (g.inherits or g.sets))
$$;
