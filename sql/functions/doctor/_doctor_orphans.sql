-- What is named like a tenant's or template's and is in no row. Roles that another database uses are its own.
create or replace function freehold._doctor_orphans()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with home as materialized (
        select h.schema_name, u.role from freehold._fleet_home() as h cross join lateral unnest(h.roles) as u (role)
    ), pattern as (
        select format('^(%s[a-z0-9_]+|template_[a-z][a-z0-9_]*)$', freehold._setting_value('schema_prefix')) as schema,
               format('^(%1$s[a-z0-9_]+_(owner|rw|ro)|%2$stemplate_[a-z0-9_]+_(owner|rw)|%2$s(cell|gate)_\d+)$',
                      freehold._setting_value('schema_prefix'), freehold._role('')) as role
    )
    select 'warning', format('schema %I', n.nspname), 'is named like a tenant''s or template''s, and is none',
           'The registry does not know it: nothing watches over it, and its name is taken.',
           format('drop schema %I;', n.nspname)
    from pg_namespace as n
    join pattern as p on n.nspname ~ p.schema
    where not exists (select from home as h where h.schema_name = n.nspname)
    union all
    select 'warning', format('role %I', r.rolname), 'is named like a tenant''s or a cell''s, and is none',
           'The registry does not know it, and its name is taken.', format('drop role %I;', r.rolname)
    from pg_roles as r
    join pattern as p on r.rolname ~ p.role
    where not exists (select from home as h where h.role = r.rolname)
        -- With one prefix for both, the installation's own look like a tenant's.
        and r.rolname <> all (array[freehold._role('cell_00'), freehold._role('owner'), freehold._role('audit_owner')])
        and not exists (select from freehold.cell as c where r.rolname in (c.role_name, c.gate_name))
        and not exists (
            select from pg_shdepend as s
            join pg_database as d on d.oid = s.dbid and d.datname <> current_database()
            where s.refclassid = 'pg_authid'::regclass and s.refobjid = r.oid)
$$;
