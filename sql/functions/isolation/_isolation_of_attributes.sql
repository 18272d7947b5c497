-- Of the attributes only a login's limit of connections is no breach: without one a tenant can take every connection.
create or replace function freehold._isolation_of_attributes()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with login as (
        select u.role
        from freehold.tenant as t
        cross join lateral freehold._runtime_roles(t) as u
        where t.state = 'active' and u.login
    )
    select case a.name when 'connection limit' then 'note' else 'breach' end, s.slug, s.role_name, 'role', s.role_name, a.name,
           'attribute', case a.name when 'connection limit' then format('alter role %I connection limit 20;', s.role_name)
                                    else format('alter role %I no%s;', s.role_name, a.name) end
    from freehold._isolation_subject() as s
    join pg_roles as r on r.oid = s.id
    cross join lateral (values ('superuser', r.rolsuper), ('createrole', r.rolcreaterole), ('createdb', r.rolcreatedb),
                               ('replication', r.rolreplication), ('bypassrls', r.rolbypassrls),
                               ('login', r.rolcanlogin and s.kind not in ('login', 'glass')
                                         and s.role_name not in (select l.role from login as l)),
                               ('connection limit', r.rolcanlogin and r.rolconnlimit = -1 and s.kind = 'runtime')) as a (name, has)
    where a.has
$$;
