-- Owners own nothing outside their schema, runtime roles nothing at all. Row types, array types and the sequences of columns
-- follow what they belong to.
create or replace function freehold._isolation_of_owners()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with reach as materialized (
        select r.* from freehold._isolation_reach() as r where r.grantee <> 0
    ), home as materialized (
        select h.* from freehold._fleet_home() as h where h.ns is not null
    ), held as materialized (
        select r.*, o.classid, o.ns as place, o.owner
        from freehold._isolation_owned() as o
        join reach as r on r.grantee = o.owner
        left join home as h on h.ns = o.ns
        where (r.ns is distinct from o.ns or r.kind = 'runtime' and r.via is null)
            -- Its runner is out of the owner's reach, and there is no other way to be run as the owner; nor as the reader.
            and not (o.ns = 'freehold_runner'::regnamespace and o.classid = 'pg_proc'::regclass
                     and (o.owner in (select w.owner from home as w)
                          or o.owner in (select to_regrole(quote_ident(t.ro_role)) from freehold.tenant as t where t.state <> 'erased')))
            -- What tenants share an application's login may own.
            and (r.kind not in ('gate', 'login') or h.ns is not null or o.ns = 'freehold'::regnamespace)
    ), object as (
        select h.*, o.objid
        from held as h
        join freehold._isolation_owned((select array_agg(distinct h.owner) from held as h)) as o
            on (o.classid, o.ns, o.owner) = (h.classid, h.place, h.owner)
    )
    select 'breach', o.slug, o.role_name, n.kind, i.identity, 'owner',
           case when o.via is null then 'ownership' else freehold._isolation_way(o.grantee, o.via) end,
           coalesce(o.undo, case when n.kind = 'large object' then format('select lo_unlink(%s);', o.objid)
                                 when n.kind = 'extension' then format('drop extension %s;', i.identity)
                                 else format('alter %s %s owner to %s;', n.kind, i.identity,
                                             coalesce(quote_ident(h.owner_role), c.nspowner::regrole::text, 'current_user')) end)
    from object as o
    cross join lateral pg_identify_object(o.classid, o.objid, 0) as i
    cross join lateral freehold._isolation_name(o.classid, o.objid, 0) as n
    left join home as h on h.ns = o.place and h.owner_role <> o.role_name
    left join pg_namespace as c on c.oid = o.place and o.classid <> 'pg_namespace'::regclass and c.nspowner <> o.owner
$$;
