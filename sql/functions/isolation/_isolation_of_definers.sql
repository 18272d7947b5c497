-- Functions that run as another than who calls them: a breach if that one reaches tenants' rows, and no extension brought it.
-- freehold's own are declared; those in a tenant's schema are its owner's.
create or replace function freehold._isolation_of_definers()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with reach as materialized (
        select r.* from freehold._isolation_reach() as r where r.kind not in ('gate', 'login')
    ), home as materialized (
        select h.* from freehold._fleet_home() as h where h.ns is not null
    ), definer as materialized (
        select p.oid, p.proowner, p.pronamespace, coalesce(p.proacl, acldefault('f', p.proowner)) as acl, h.owner_role,
               (select t.slug from freehold.tenant as t where t.schema_name = h.schema_name and t.state <> 'erased') as slug
        from pg_proc as p
        left join home as h on h.ns = p.pronamespace
        where p.prosecdef and p.proowner is distinct from h.owner
            and p.pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'freehold'::regnamespace)
    ), opener as (
        select n.oid as opened, r.id, r.kind, r.slug, r.role_name, r.grantee
        from pg_namespace as n
        cross join lateral aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as a
        join reach as r on r.grantee = a.grantee
        where n.oid in (select d.pronamespace from definer as d) and a.privilege_type = 'USAGE'
    )
    select distinct case when freehold._isolation_reaches(d.proowner) and not exists (
                             select from pg_depend as e where e.classid = 'pg_proc'::regclass and e.objid = d.oid and e.deptype = 'e')
                         then 'breach' else 'note' end,
           coalesce(d.slug, who.slug), who.role_name::text, 'function', d.oid::regprocedure::text, 'execute',
           format('definer function of %s', d.proowner::regrole),
           case when d.owner_role is not null then format('alter function %s owner to %I;', d.oid::regprocedure, d.owner_role)
                else coalesce(r.undo, freehold._privilege_undo('execute', format('routine %s', d.oid::regprocedure), a.grantee,
                                                               a.grantor, d.proowner)) end
    from definer as d
    cross join lateral aclexplode(d.acl) as a
    join reach as r on r.grantee = a.grantee
    join opener as o on o.opened = d.pronamespace and (0 in (a.grantee, o.grantee) or 'group' in (r.kind, o.kind) or o.id = r.id)
    cross join lateral (select r.slug, r.role_name where a.grantee <> 0 union all select o.slug, o.role_name where a.grantee = 0) as who
$$;
