-- What belongs there is the path of a login, as login_enable() leaves it, the limits of its tenant, and what pgaudit logs of it.
create or replace function freehold._doctor_role_settings()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with declared as (
        select u.role, 'search_path' as name, format('%I, pg_catalog, pg_temp', t.schema_name) as value, true as path,
               freehold._login_path(u.role, t.schema_name) as remedy
        from freehold.tenant as t
        cross join lateral freehold._runtime_roles(t) as u
        where t.state <> 'erased' and u.login
        union all
        select u.role, l.key, l.value, false,
               format('select freehold.limit_set(%L, %L, %L)', t.slug, l.key, freehold._limit_text(l.key, l.value::bigint))
        from freehold.tenant as t
        cross join lateral freehold._runtime_roles(t) as u
        cross join lateral jsonb_each_text(t.limits) as l
        where t.state <> 'erased' and l.key <> 'concurrency'
        union all
        select u.role, 'pgaudit.log', 'read', false, format('select freehold.audit_reads(%L, true)', t.slug)
        from freehold.tenant as t
        cross join lateral freehold._runtime_roles(t) as u
        where t.state <> 'erased' and t.audit_reads
    ), actual as (
        select s.setrole, d.datname, coalesce(d.datname = current_database(), false) as here, c.setting,
               split_part(c.setting, '=', 1) as name
        from pg_db_role_setting as s
        left join pg_database as d on d.oid = s.setdatabase
        cross join lateral unnest(s.setconfig) as c (setting)
        where s.setrole <> 0
    )
    select 'warning', r.role_name::text, format('sets %s', a.setting),
           'A setting of a role is in force from its login on; a tenant can give itself one.',
           format('alter role %I%s reset %I;', r.role_name, ' in database ' || quote_ident(a.datname), a.name)
    from freehold._fleet_role() as r
    join actual as a on a.setrole = r.id
    left join declared as d on d.role = r.role_name and d.name = a.name and a.here
    -- Another value of a limit is below: to set it again mends it.
    where d.role is null or d.path and a.setting <> d.name || '=' || d.value
    union all
    select 'warning', d.role::text, case when d.path then 'a login does not find its schema' else format('is not held to %s', d.name) end,
           case when d.path then 'Its search_path is not the one that login_enable() sets.'
                else 'The registry has a limit of another value for it; a tenant can change what settings its role begins with.' end,
           d.remedy || ';'
    from declared as d
    join pg_roles as p on p.rolname = d.role
    where case d.name
        when 'connections' then p.rolconnlimit not between 0 and d.value::integer
        else not exists (
            select from actual as a
            where a.setrole = p.oid and a.here and a.setting = d.name || '=' || d.value) end
$$;
