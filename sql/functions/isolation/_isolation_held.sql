-- Privileges that a subject holds outside its own schema, owners' left out. id is null where the list stands for all objects of
-- the schema that have it. place is home, a tenant's or template's schema; control, the one of freehold; system; shared, any
-- other schema; none. PUBLIC's right to functions and types of a home counts where the schema is open, which
-- _isolation_of_open_schemas() says.
create or replace function freehold._isolation_held(catalogs regclass[] default null)
    returns table (role_id oid, role_name name, kind text, slug text, via name, undo text, place text, classid oid, id oid,
                   subid integer, ns oid, owner oid, acl aclitem[], grantee oid, grantor oid, privilege text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with reach as materialized (
        select r.* from freehold._isolation_reach() as r
    ), home as materialized (
        select h.ns from freehold._fleet_home() as h where h.ns is not null
    ), entry as (
        select l.*, a.grantee, a.grantor, a.privilege_type,
               case when h.ns is not null then 'home' when l.ns = 0 then 'none' when l.ns = 'freehold'::regnamespace then 'control'
                    when l.ns in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
                        then 'system'
                    else 'shared' end as place
        from freehold._isolation_list(catalogs) as l
        cross join lateral aclexplode(l.acl) as a
        left join home as h on h.ns = l.ns
        where a.grantee <> l.owner
            -- A session's temporary tables are its own, whatever was granted.
            and l.ns not in (select n.oid from pg_namespace as n where n.nspname ~ '^pg_(toast_)?temp_')
    )
    select r.id, r.role_name, r.kind, r.slug, r.via, r.undo, e.place, e.classid, e.id, e.subid, e.ns, e.owner, e.acl,
           e.grantee, e.grantor, lower(e.privilege_type)
    from entry as e
    join reach as r on r.grantee = e.grantee
    where r.ns is distinct from e.ns
        and not (e.place = 'home' and e.grantee = 0 and e.classid in ('pg_proc'::regclass, 'pg_type'::regclass))
        -- What an application's login may do with what is shared is the application's affair.
        and (r.kind not in ('gate', 'login') or e.place in ('home', 'control'))
$$;
