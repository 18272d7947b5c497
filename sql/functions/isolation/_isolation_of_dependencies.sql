-- What one tenant's object is made of in another's schema: views, triggers, defaults, types, functions. Foreign keys and parents
-- are _isolation_of_relatives()'. Only what lies in the schemas of tenants is looked at.
create or replace function freehold._isolation_of_dependencies()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with home as materialized (
        select h.ns, h.owner_role, case h.kind when 'tenant' then h.name end as slug from freehold._fleet_home() as h
        where h.ns is not null
    ), object (classid, id, ns) as materialized (
        select 'pg_class'::regclass, c.oid, c.relnamespace from pg_class as c where c.relkind not in ('i', 'I', 't')
        union all select 'pg_proc'::regclass, p.oid, p.pronamespace from pg_proc as p
        union all select 'pg_type'::regclass, t.oid, t.typnamespace from pg_type as t
        union all select 'pg_collation'::regclass, c.oid, c.collnamespace from pg_collation as c
        union all select 'pg_operator'::regclass, o.oid, o.oprnamespace from pg_operator as o
        union all select 'pg_opclass'::regclass, o.oid, o.opcnamespace from pg_opclass as o
        union all select 'pg_ts_config'::regclass, t.oid, t.cfgnamespace from pg_ts_config as t
    ), part (classid, id, ns) as (
        select o.* from object as o
        union all
        select 'pg_class'::regclass, c.oid, c.relnamespace from pg_class as c where c.relkind in ('i', 'I')
        union all
        select 'pg_rewrite'::regclass, w.oid, c.relnamespace from pg_rewrite as w join pg_class as c on c.oid = w.ev_class
        union all
        select 'pg_attrdef'::regclass, a.oid, c.relnamespace from pg_attrdef as a join pg_class as c on c.oid = a.adrelid
        union all
        select 'pg_trigger'::regclass, t.oid, c.relnamespace
        from pg_trigger as t join pg_class as c on c.oid = t.tgrelid where not t.tgisinternal
        union all
        select 'pg_policy'::regclass, p.oid, c.relnamespace from pg_policy as p join pg_class as c on c.oid = p.polrelid
        union all
        select 'pg_constraint'::regclass, k.oid, k.connamespace from pg_constraint as k where k.contype <> 'f'
    ), crossing as (
        select distinct d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, a.ns
        from pg_depend as d
        join part as a on a.classid = d.classid and a.id = d.objid and a.ns in (select h.ns from home as h)
        join object as b on b.classid = d.refclassid and b.id = d.refobjid and b.ns in (select h.ns from home as h)
        where a.ns <> b.ns
            and not exists (select from pg_inherits as i where i.inhrelid = d.objid and i.inhparent = d.refobjid)
            and not exists (select from pg_attribute as t where d.classid = 'pg_class'::regclass and t.attrelid = d.objid
                            and t.attnum = d.objsubid and t.attinhcount > 0)
    )
    select 'breach', h.slug, h.owner_role, i.type, i.identity, 'depends', format('dependency on %s', t.identity),
           freehold._isolation_drop(c.classid, c.objid, c.objsubid)
    from crossing as c
    join home as h on h.ns = c.ns
    cross join lateral pg_identify_object(c.classid, c.objid, c.objsubid) as i
    cross join lateral pg_identify_object(c.refclassid, c.refobjid, 0) as t
$$;
