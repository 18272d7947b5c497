create or replace function freehold._doctor_role_attributes()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with wanted as (
        select t.slug, u.role, u.login and t.state = 'active' as login
        from freehold.tenant as t
        cross join lateral freehold._runtime_roles(t) as u
        where t.state <> 'erased'
    )
    select 'error', r.role_name::text, format('has %s', a.name),
           case when a.name = 'login' then 'The registry knows of no login of it.' else 'That goes beyond any tenant.' end,
           format('alter role %I no%s;', r.role_name, a.name)
    from freehold._fleet_role() as r
    join pg_roles as p on p.oid = r.id
    left join wanted as w on w.role = r.role_name
    cross join lateral (values ('superuser', p.rolsuper), ('createrole', p.rolcreaterole and r.kind <> 'cell'),
                               ('createdb', p.rolcreatedb), ('bypassrls', p.rolbypassrls), ('replication', p.rolreplication),
                               ('login', p.rolcanlogin and not coalesce(w.login, false))) as a (name, has)
    where a.has
    union all
    select 'warning', w.role::text, 'cannot log in', 'The registry says that it has a login.', format('alter role %I login;', w.role)
    from wanted as w
    join pg_roles as p on p.rolname = w.role
    where w.login and not p.rolcanlogin
    union all
    select 'error', r.role_name::text, 'has no CREATEROLE', 'The cell can make and erase no tenant.',
           format('alter role %I createrole;', r.role_name)
    from freehold._fleet_role() as r
    join pg_roles as p on p.oid = r.id
    where r.kind = 'cell' and not p.rolcreaterole
$$;
