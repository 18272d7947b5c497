-- Where a schema that is not its own is open to a role, PUBLIC's right to functions and types is that role's.
create or replace function freehold._isolation_of_open_schemas()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with open as materialized (
        select g.role_name, g.slug, g.id as ns, g.via,
               coalesce(g.undo, freehold._privilege_undo('usage', format('schema %I', n.nspname), g.grantee, g.grantor, g.owner)) as undo
        from freehold._isolation_grant('{pg_namespace}') as g
        join pg_namespace as n on n.oid = g.id
        where g.place = 'home' and g.privilege = 'usage'
        union
        select r.role_name, r.slug, n.oid, r.via,
               coalesce(r.undo, format('alter schema %I owner to %I;', n.nspname, h.owner_role))
        from freehold._fleet_home() as h
        join pg_namespace as n on n.oid = h.ns
        join freehold._isolation_reach() as r on r.grantee = n.nspowner and r.ns is distinct from n.oid
    ), object (classid, id, ns, acl) as (
        select 'pg_proc'::regclass, p.oid, o.ns, coalesce(p.proacl, acldefault('f', p.proowner))
        from (select distinct o.ns from open as o) as o
        join pg_proc as p on p.pronamespace = o.ns
        union all
        select 'pg_type'::regclass, t.oid, o.ns, coalesce(t.typacl, acldefault('T', t.typowner))
        from (select distinct o.ns from open as o) as o
        join pg_type as t on t.typnamespace = o.ns and t.typelem = 0 and t.typtype <> 'c'
    )
    select distinct 'breach', o.slug, o.role_name::text, n.kind, i.identity, lower(a.privilege_type),
           coalesce('membership in ' || quote_ident(o.via), 'PUBLIC, in an open schema'), o.undo
    from open as o
    join object as x on x.ns = o.ns
    cross join lateral aclexplode(x.acl) as a
    cross join lateral pg_identify_object(x.classid, x.id, 0) as i
    cross join lateral freehold._isolation_name(x.classid, x.id, 0) as n
    where a.grantee = 0
$$;
