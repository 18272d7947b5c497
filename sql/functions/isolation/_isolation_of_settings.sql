-- Settings that a session begins with: another role, a path to another's schema, triggers off, foreign libraries.
create or replace function freehold._isolation_of_settings()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with subject as materialized (
        select s.* from freehold._isolation_subject() as s where s.id <> 0
    ), setting as (
        select s.setrole, s.setdatabase, split_part(c.setting, '=', 1) as name, c.setting,
               substr(c.setting, strpos(c.setting, '=') + 1) as value
        from pg_db_role_setting as s
        cross join lateral unnest(s.setconfig) as c (setting)
        where s.setdatabase in (0, (select d.oid from pg_database as d where d.datname = current_database()))
    )
    select 'breach', r.slug, coalesce(r.role_name::text, 'public'), 'setting', s.setting, 'login', 'setting',
           format('alter %s%s reset %I;', case s.setrole when 0 then 'role all' else 'role ' || quote_ident(r.role_name) end,
                  case when s.setdatabase <> 0 then format(' in database %I', current_database()) end, s.name)
    from setting as s
    left join subject as r on r.id = s.setrole
    where (s.setrole = 0 or r.id is not null)
        and (s.name in ('role', 'session_authorization', 'session_replication_role', 'session_preload_libraries',
                        'local_preload_libraries', 'lo_compat_privileges', 'dynamic_library_path')
             or s.name = 'search_path' and exists (
                 select from freehold._fleet_home() as h
                 where h.ns is not null and h.ns is distinct from r.ns
                     and quote_ident(h.schema_name) = any (regexp_split_to_array(s.value, '\s*,\s*'))))
    union all
    select 'breach', null, 'public', 'parameter', 'lo_compat_privileges', 'select', 'setting',
           'alter system reset lo_compat_privileges; select pg_reload_conf();'
    from pg_settings as s
    where s.name = 'lo_compat_privileges' and s.reset_val = 'on' and s.source not in ('database', 'user', 'database user')
$$;
