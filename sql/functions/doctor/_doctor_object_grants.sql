-- Access lists repeat within a schema, so each is read once: 124,000 grants are some thousand lists. Grants on columns are few,
-- and pg_shdepend knows them. What PUBLIC may do inside a schema that is closed to it counts for relations only.
create or replace function freehold._doctor_object_grants()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with home as materialized (
        select h.name, h.ns, h.roles from freehold._fleet_home() as h where h.ns is not null
    ), expected (ns, role) as materialized (
        select h.ns, r.oid from home as h cross join lateral unnest(h.roles) as u (role) join pg_roles as r on r.rolname = u.role
    ), list (classid, ns, acl) as materialized (
        select 'pg_class'::regclass, c.relnamespace, c.relacl from pg_class as c where c.relacl is not null group by 2, 3
        union all
        select 'pg_proc'::regclass, p.pronamespace, p.proacl from pg_proc as p where p.proacl is not null group by 2, 3
        union all
        select 'pg_type'::regclass, t.typnamespace, t.typacl from pg_type as t where t.typacl is not null group by 2, 3
        union all
        select 'pg_namespace'::regclass, n.oid, n.nspacl from pg_namespace as n where n.nspacl is not null
        union all
        select s.classid, c.relnamespace, a.attacl
        from pg_shdepend as s
        join pg_class as c on c.oid = s.objid
        join pg_attribute as a on a.attrelid = s.objid and a.attnum = s.objsubid
        where s.dbid = (select d.oid from pg_database as d where d.datname = current_database())
            and s.classid = 'pg_class'::regclass and s.objsubid > 0 and s.deptype = 'a'
    ), stranger as materialized (
        select distinct h.name, l.classid, l.ns, l.acl, a.grantee, a.grantor
        from list as l
        join home as h on h.ns = l.ns
        cross join lateral aclexplode(l.acl) as a
        cross join (select r.oid as owner from pg_roles as r where r.rolname = freehold._role('owner')) as c
        where not exists (select from expected as e where e.ns = l.ns and e.role = a.grantee)
            and not (a.grantee = 0 and l.classid <> 'pg_class'::regclass)
            and not (a.grantee = c.owner and l.classid = 'pg_namespace'::regclass)
    ), object (name, classid, id, owner, grantee, grantor) as (
        select s.name, s.classid, c.oid, c.relowner, s.grantee, s.grantor
        from stranger as s
        join pg_class as c on s.classid = 'pg_class'::regclass and c.relnamespace = s.ns
        where c.relacl = s.acl or exists (select from pg_attribute as a where a.attrelid = c.oid and a.attacl = s.acl)
        union
        select s.name, s.classid, p.oid, p.proowner, s.grantee, s.grantor
        from stranger as s join pg_proc as p on s.classid = 'pg_proc'::regclass and p.pronamespace = s.ns and p.proacl = s.acl
        -- Constructors of a range are PostgreSQL's own making.
        where s.grantee <> p.proowner
            or not exists (select from pg_depend as d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i')
        union
        select s.name, s.classid, t.oid, t.typowner, s.grantee, s.grantor
        from stranger as s join pg_type as t on s.classid = 'pg_type'::regclass and t.typnamespace = s.ns and t.typacl = s.acl
        union
        select s.name, s.classid, n.oid, n.nspowner, s.grantee, s.grantor
        from stranger as s join pg_namespace as n on s.classid = 'pg_namespace'::regclass and n.oid = s.ns
    )
    select case when r.kind is not null or o.grantee = 0 then 'error' else 'warning' end,
           format('%s %s', i.type, i.identity),
           format('is granted to %s', case o.grantee when 0 then 'PUBLIC' else o.grantee::regrole::text end),
           case when r.kind is not null or o.grantee = 0 then format('It belongs to %s, and reaches others.', o.name)
                else 'The registry does not know that role. A grant that the template makes is in its DDL: revoke it there.' end,
           freehold._privilege_undo('all', format('%s %s', case when i.type ~ 'view|table' then 'table' else i.type end, i.identity),
                                    o.grantee, o.grantor, o.owner)
    from object as o
    cross join lateral pg_identify_object(o.classid, o.id, 0) as i
    left join freehold._fleet_role() as r on r.id = o.grantee
$$;
