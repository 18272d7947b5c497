create or replace function freehold._doctor_control_grants()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with declared as materialized (
        select * from freehold._grant_declared()
    )
    select 'error', g.object, format('%s may %s it', g.role_name, lower(g.privilege)), 'Nobody declared that grant.',
           format('revoke %s on %s %s from %I;', lower(g.privilege), g.object_kind, g.object, g.role_name)
    from (select * from freehold._grant_actual() except select * from declared) as g
    union all
    select 'error', d.object, format('%s may not %s it', d.role_name, lower(d.privilege)), 'The declared grant is missing.',
           format('grant %s on %s %s to %I;', lower(d.privilege), d.object_kind, d.object, d.role_name)
    from declared as d
    where not case d.object_kind
        when 'schema' then has_schema_privilege(d.role_name, d.object, d.privilege)
        else has_function_privilege(d.role_name, d.object::regprocedure, d.privilege)
    end
    union all
    select 'error', format('%s.%I', c.oid::regclass, a.attname), format('a column is granted to %s', coalesce(r.rolname, 'public')),
           'Nobody declared that grant.',
           freehold._privilege_undo(format('%s (%I)', p.privilege_type, a.attname), format('table %s', c.oid::regclass),
                                    p.grantee, p.grantor, c.relowner)
    from pg_class as c
    join pg_attribute as a on a.attrelid = c.oid
    cross join lateral aclexplode(a.attacl) as p
    left join pg_roles as r on r.oid = p.grantee
    where c.relnamespace = 'freehold'::regnamespace
    union all
    -- These run whatever they are given as a cell.
    select 'error', p.oid::regprocedure::text, format('%s may execute it', coalesce(r.rolname, 'public')),
           format('It runs what it is given as %s.', p.proowner::regrole),
           freehold._privilege_undo(a.privilege_type, format('function %s', p.oid::regprocedure), a.grantee, a.grantor, p.proowner)
    from pg_proc as p
    cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
    left join pg_roles as r on r.oid = a.grantee
    where p.pronamespace = 'freehold'::regnamespace and p.proowner <> freehold._role('owner')::regrole
        and a.grantee not in (p.proowner, freehold._role('owner')::regrole)
$$;
