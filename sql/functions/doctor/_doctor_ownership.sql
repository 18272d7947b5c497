-- Row types, array types and the sequences of columns follow what they belong to.
create or replace function freehold._doctor_ownership()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with object (classid, id, ns, owner) as (
        select 'pg_class'::regclass, oid, relnamespace, relowner from pg_class where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        union all select 'pg_proc'::regclass, oid, pronamespace, proowner from pg_proc
        union all select 'pg_type'::regclass, oid, typnamespace, typowner from pg_type
        union all select 'pg_operator'::regclass, oid, oprnamespace, oprowner from pg_operator
        union all select 'pg_opclass'::regclass, oid, opcnamespace, opcowner from pg_opclass
        union all select 'pg_opfamily'::regclass, oid, opfnamespace, opfowner from pg_opfamily
        union all select 'pg_collation'::regclass, oid, collnamespace, collowner from pg_collation
        union all select 'pg_conversion'::regclass, oid, connamespace, conowner from pg_conversion
        union all select 'pg_statistic_ext'::regclass, oid, stxnamespace, stxowner from pg_statistic_ext
        union all select 'pg_ts_config'::regclass, oid, cfgnamespace, cfgowner from pg_ts_config
        union all select 'pg_ts_dict'::regclass, oid, dictnamespace, dictowner from pg_ts_dict
        union all select 'pg_namespace'::regclass, oid, oid, nspowner from pg_namespace
    ), wrong as materialized (
        select o.classid, o.id, o.owner, h.name, h.owner_role
        from freehold._fleet_home() as h
        join object as o on o.ns = h.ns and o.owner <> h.owner
    )
    select 'error', format('%s %s', i.type, i.identity), format('belongs to %s', w.owner::regrole),
           format('All in the schema of %s is its owner''s: this is out of its reach, or acts with another''s rights.', w.name),
           format('alter %s %s owner to %I;', i.type, i.identity, w.owner_role)
    from wrong as w
    cross join lateral pg_identify_object(w.classid, w.id, 0) as i
    where not exists (
        select from pg_depend as d
        where d.classid = w.classid and d.objid = w.id
            and (w.classid = 'pg_type'::regclass and d.deptype = 'i'
                 or i.type = 'sequence' and d.deptype in ('a', 'i') and d.refclassid = 'pg_class'::regclass))
$$;
