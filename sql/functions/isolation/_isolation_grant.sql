-- What _isolation_held() found, object by object. initial tells whether PostgreSQL or an extension came with it, null where that
-- is not recorded.
create or replace function freehold._isolation_grant(catalogs regclass[] default null)
    returns table (role_id oid, role_name name, kind text, slug text, via name, undo text, place text, classid oid, id oid,
                   subid integer, ns oid, owner oid, grantee oid, grantor oid, privilege text, initial boolean)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with held as materialized (
        select h.* from freehold._isolation_held(catalogs) as h
    ), listed as (
        select h.*, c.oid as found
        from held as h
        join pg_class as c on h.classid = 'pg_class'::regclass and c.relnamespace = h.ns and c.relowner = h.owner and c.relacl = h.acl
        where h.id is null and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        union all
        select h.*, p.oid
        from held as h
        join pg_proc as p on h.classid = 'pg_proc'::regclass and p.pronamespace = h.ns and p.proowner = h.owner
            and coalesce(p.proacl, acldefault('f', p.proowner)) = h.acl
        where h.id is null
        union all
        select h.*, t.oid
        from held as h
        join pg_type as t on h.classid = 'pg_type'::regclass and t.typnamespace = h.ns and t.typowner = h.owner and t.typacl = h.acl
        where h.id is null
        union all
        select h.*, h.id from held as h where h.id is not null
    )
    select l.role_id, l.role_name, l.kind, l.slug, l.via, l.undo, l.place, l.classid, l.found, l.subid, l.ns, l.owner,
           l.grantee, l.grantor, l.privilege,
           case when i.objoid is not null then exists (
                    select from aclexplode(i.initprivs) as a
                    where a.grantee in (0, l.grantee) and lower(a.privilege_type) = l.privilege)
                when l.ns = 'information_schema'::regnamespace and l.classid = 'pg_class'::regclass then l.privilege = 'select' end
    from listed as l
    left join pg_init_privs as i on i.classoid = l.classid and i.objoid = l.found and i.objsubid = l.subid
$$;
