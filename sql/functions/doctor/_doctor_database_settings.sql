create or replace function freehold._doctor_database_settings()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'warning', format('database %I', d.datname), format('sets %s', c.setting),
           case n.name
               when 'search_path' then 'Statements that do not set a path of their own look there first.'
               when 'row_security' then 'Queries that a policy filters are errors.'
               when 'session_replication_role' then 'Triggers and foreign keys do not fire.'
               else 'Every session begins with it, a tenant''s as well as an operator''s.' end,
           format('alter database %I reset %I;', d.datname, n.name)
    from pg_db_role_setting as s
    join pg_database as d on d.oid = s.setdatabase and d.datname = current_database()
    cross join lateral unnest(s.setconfig) as c (setting)
    cross join lateral split_part(c.setting, '=', 1) as n (name)
    where s.setrole = 0
        and (n.name in ('search_path', 'role', 'session_replication_role', 'session_preload_libraries', 'local_preload_libraries',
                        'check_function_bodies', 'default_transaction_read_only', 'lo_compat_privileges')
             or n.name like 'freehold.%')
$$;
