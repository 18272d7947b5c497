-- The one setting that belongs there is the path of a login, as login_enable() leaves it.
create or replace function freehold._doctor_role_settings()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with login as (
        select u.role, format('search_path=%I, pg_catalog, pg_temp', t.schema_name) as path, u.login, t.schema_name
        from freehold.tenant as t
        cross join lateral freehold._runtime_roles(t) as u
        where t.state <> 'erased'
    ), actual as (
        select s.setrole, s.setdatabase, c.setting, split_part(c.setting, '=', 1) as name
        from pg_db_role_setting as s
        cross join lateral unnest(s.setconfig) as c (setting)
        where s.setrole <> 0
    )
    select 'warning', r.role_name::text, format('sets %s', a.setting),
           'A setting of a role is in force from its login on; a tenant can give itself one.',
           format('alter role %I%s reset %I;', r.role_name, ' in database ' || quote_ident(d.datname), a.name)
    from freehold._fleet_role() as r
    join actual as a on a.setrole = r.id
    left join pg_database as d on d.oid = a.setdatabase
    left join login as l on l.role = r.role_name
    where not (coalesce(d.datname = current_database() and l.login and a.setting = l.path, false))
    union all
    select 'warning', l.role::text, 'a login does not find its schema', 'Its search_path is not the one that login_enable() sets.',
           freehold._login_path(l.role, l.schema_name) || ';'
    from login as l
    join pg_roles as p on p.rolname = l.role
    where l.login
        and not exists (
            select from actual as a
            join pg_database as d on d.oid = a.setdatabase and d.datname = current_database()
            where a.setrole = p.oid and a.setting = l.path)
$$;
