-- Runners execute what they are given as a tenant's owner, and reading functions as its reader: they are one of a kind, in a schema that
-- nobody else may use.
create or replace function freehold._doctor_runners()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with runner as materialized (
        select p.oid, p.oid::regprocedure::text as name, p.proname, p.proowner, p.prosecdef, p.proconfig, p.prosrc, p.prokind,
               pg_get_function_sqlbody(p.oid) as sql_body, h.body,
               case p.proname when 'execute_script' then freehold._runner_body()
                              when 'execute_read' then freehold._reading_body() end as shared,
               coalesce(p.proacl, acldefault('f', p.proowner)) as acl, h.owner_role
        from pg_proc as p
        left join (select r.name, r.owner_role, 'SELECT freehold_runner.execute_script(script, path) AS execute_script;' as body
                   from (select freehold._runner_name(t.id) as name, t.owner_role from freehold.tenant as t where t.state <> 'erased'
                         union all
                         select freehold._runner_name(m.id), m.owner_role from freehold.template as m
                         union all
                         select freehold._runner_name(r.tenant_id), r.owner_role from freehold.reserve as r) as r
                   union all
                   select freehold._reading_name(t.id), t.ro_role,
                          'SELECT r.answer, r.more FROM freehold_runner.execute_read(query, path, until, max_rows, max_bytes) '
                          'r(answer, more);'
                   from freehold.tenant as t where t.state <> 'erased' and t.ro_role is not null) as h on h.name = p.proname
        where p.pronamespace = 'freehold_runner'::regnamespace
    ), declared (grantee) as (
        select freehold._role('owner')::regrole union all select quote_ident(c.role_name)::regrole from freehold.cell as c
    )
    select 'error', r.name, case when r.owner_role is null and r.shared is null then 'is no runner of a tenant or template'
                                 else 'is not as freehold makes it' end,
           'What is in this schema is executed by freehold, or could be taken for what is. A runner is made anew when it is needed.',
           case when r.shared is not null then 'Install again: freehold install, or psql -X -1 -f sql/install.sql'
                else format('drop %s %s;', case r.prokind when 'p' then 'procedure' else 'function' end, r.name) end
    from runner as r
    where case when r.shared is not null then
            pg_get_userbyid(r.proowner) <> freehold._role('owner') or r.prosecdef or r.prosrc <> r.shared
            or r.proconfig is not null
        else
            r.owner_role is null or pg_get_userbyid(r.proowner) <> r.owner_role or not r.prosecdef
            or replace(regexp_replace(r.sql_body, '\s+', ' ', 'g'), r.proname || '.', '') is distinct from
                format('BEGIN ATOMIC %s END', r.body)
            or r.proconfig is distinct from array['search_path=pg_catalog, pg_temp'] end
    union all
    select 'error', r.name, format('%s may execute it', coalesce(g.rolname, 'public')),
           format('It runs what it is given as %s.', r.proowner::regrole),
           freehold._privilege_undo(a.privilege_type, format('function %s', r.name), a.grantee, a.grantor, r.proowner)
    from runner as r
    cross join lateral aclexplode(r.acl) as a
    left join pg_roles as g on g.oid = a.grantee
    where a.grantee not in (r.proowner, freehold._role('owner')::regrole)
        and not (r.shared is not null and a.grantee = freehold._role('tenant')::regrole)
    union all
    select 'error', 'schema freehold_runner', format('%s has %s on it', coalesce(g.rolname, 'public'), lower(a.privilege_type)),
           'Whoever may use it reaches the functions that run as the tenants'' owners.',
           freehold._privilege_undo(a.privilege_type, 'schema freehold_runner', a.grantee, a.grantor, n.nspowner)
    from pg_namespace as n
    cross join lateral aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as a
    left join pg_roles as g on g.oid = a.grantee
    where n.nspname = 'freehold_runner' and a.grantee not in (select d.grantee from declared as d)
$$;
