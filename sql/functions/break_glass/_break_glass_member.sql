-- The one membership that each open login should have.
create or replace function freehold._break_glass_member() returns table (roleid oid, member oid, tenant_id uuid)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select r.oid, m.oid, g.tenant_id
    from freehold.break_glass as g
    join freehold.tenant as t on t.id = g.tenant_id
    join pg_roles as r on r.rolname = case g.access when 'read' then t.ro_role else t.rw_role end
    join pg_roles as m on m.rolname = g.login
    where g.state = 'open'
$$;
