-- Views read with their owner's rights: shared ones over a tenant's relations, or over catalogs that are not everybody's; and
-- those in a tenant's schema that are another's.
create or replace function freehold._isolation_of_views()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with recursive secret as materialized (
        select c.oid as id
        from pg_class as c
        where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' and not has_table_privilege('public', c.oid, 'select')
    ), home as materialized (
        select h.ns, h.owner, h.owner_role, h.name, h.kind from freehold._fleet_home() as h where h.ns is not null
    ), granted as materialized (
        select g.*
        from freehold._isolation_grant('{pg_class,pg_attribute}') as g
        join pg_class as c on c.oid = g.id and c.relkind in ('v', 'm')
        where g.classid = 'pg_class'::regclass and g.place = 'shared' and g.kind not in ('gate', 'login')
            and not exists (select from pg_depend as e where e.classid = g.classid and e.objid = g.id and e.deptype = 'e')
    ), source (view, id) as (
        select g.id, g.id from granted as g
        union
        select s.view, e.id
        from source as s
        join pg_class as v on v.oid = s.id and v.relkind in ('v', 'm')
            and not exists (select from pg_options_to_table(v.reloptions) as o
                            where o.option_name = 'security_invoker' and o.option_value::boolean)
        join pg_rewrite as w on w.ev_class = s.id
        cross join lateral (
            select d.refobjid
            from pg_depend as d
            where d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass
            union all
            -- No dependency is kept of what every database has.
            select x.id from secret as x where strpos(w.ev_action::text, format(':relid %s ', x.id)) > 0) as e (id)
    )
    select distinct 'breach', coalesce(g.slug, case h.kind when 'tenant' then h.name end), g.role_name::text, n.kind,
           g.id::regclass::text, g.privilege,
           format('view over %s', c.oid::regclass),
           coalesce(g.undo, freehold._privilege_undo(g.privilege, format('table %s', g.id::regclass), g.grantee, g.grantor, g.owner))
    from granted as g
    join source as s on s.view = g.id
    join pg_class as c on c.oid = s.id
    left join home as h on h.ns = c.relnamespace
    cross join lateral freehold._isolation_name(g.classid, g.id, 0) as n
    where h.ns is not null or c.oid in (select x.id from secret as x)
    union all
    select 'breach', case h.kind when 'tenant' then h.name end, h.owner_role, n.kind, c.oid::regclass::text, 'select',
           format('view of %s', c.relowner::regrole), format('alter %s %s owner to %I;', n.kind, c.oid::regclass, h.owner_role)
    from home as h
    join pg_class as c on c.relnamespace = h.ns and c.relkind in ('v', 'm') and c.relowner <> h.owner
    cross join lateral freehold._isolation_name('pg_class'::regclass, c.oid, 0) as n
$$;
