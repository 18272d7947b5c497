-- Every kind of access list, or those of some catalogs, each once for all objects of a schema that have the same: 124,000 grants
-- are some thousand lists. Then id is null. A list that is the kind's default is null in the catalog; of those only what the
-- control plane's functions, databases and languages have is asked for: defaults in schemas that were opened are
-- _isolation_of_open_schemas()'.
create or replace function freehold._isolation_list(catalogs regclass[] default null)
    returns table (classid oid, id oid, subid integer, ns oid, owner oid, acl aclitem[])
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'pg_class'::regclass, null::oid, 0, c.relnamespace, c.relowner, c.relacl
    from pg_class as c
    where c.relacl is not null and (catalogs is null or 'pg_class'::regclass = any (catalogs))
    group by c.relnamespace, c.relowner, c.relacl
    union all
    select 'pg_class'::regclass, c.oid, a.attnum, c.relnamespace, c.relowner, a.attacl
    from pg_attribute as a
    join pg_class as c on c.oid = a.attrelid
    where a.attacl is not null and not a.attisdropped and (catalogs is null or 'pg_attribute'::regclass = any (catalogs))
    union all
    select 'pg_proc'::regclass, null, 0, p.pronamespace, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
    from pg_proc as p
    where (p.proacl is not null or p.pronamespace = 'freehold'::regnamespace)
        and (catalogs is null or 'pg_proc'::regclass = any (catalogs))
    group by p.pronamespace, p.proowner, p.proacl
    union all
    select 'pg_type'::regclass, null, 0, t.typnamespace, t.typowner, t.typacl
    from pg_type as t
    where t.typacl is not null and (catalogs is null or 'pg_type'::regclass = any (catalogs))
    group by t.typnamespace, t.typowner, t.typacl
    union all
    select o.*
    from (select 'pg_namespace'::regclass, n.oid, 0, n.oid, n.nspowner, n.nspacl from pg_namespace as n
          union all
          select 'pg_database'::regclass, d.oid, 0, 0, d.datdba, coalesce(d.datacl, acldefault('d', d.datdba))
          from pg_database as d where d.datallowconn
          union all
          select 'pg_language'::regclass, l.oid, 0, 0, l.lanowner, coalesce(l.lanacl, acldefault('l', l.lanowner)) from pg_language as l
          union all
          select 'pg_foreign_data_wrapper'::regclass, w.oid, 0, 0, w.fdwowner, w.fdwacl from pg_foreign_data_wrapper as w
          union all
          select 'pg_foreign_server'::regclass, s.oid, 0, 0, s.srvowner, s.srvacl from pg_foreign_server as s
          union all
          select 'pg_largeobject'::regclass, o.oid, 0, 0, o.lomowner, o.lomacl from pg_largeobject_metadata as o
          union all
          select 'pg_tablespace'::regclass, t.oid, 0, 0, t.spcowner, t.spcacl from pg_tablespace as t
          union all
          select 'pg_parameter_acl'::regclass, p.oid, 0, 0, 10, p.paracl from pg_parameter_acl as p)
         as o (classid, id, subid, ns, owner, acl)
    where o.acl is not null and (catalogs is null or o.classid = any (catalogs))
$$;
