create or replace function freehold._drift_object(schemas oid[]) returns table (ns oid, item text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with home as materialized (
        select h.ns, h.name, h.roles from freehold._drift_home(schemas) as h
    ),
    own as materialized (
        select h.ns, h.name, h.roles, d.classid, d.objid as oid
        from home as h
        join pg_depend as d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = h.ns
    )
    select o.ns, case when p.prokind = 'a' then null else row(
               'routine', p.oid::regprocedure, p.prokind, pg_get_function_arguments(p.oid), pg_get_function_identity_arguments(p.oid),
               pg_get_function_result(p.oid), l.lanname, p.protrftypes::regtype[], p.provolatile, p.proisstrict, p.prosecdef,
               p.proleakproof, p.proparallel, p.procost, p.prorows, p.prosupport, replace(p.proconfig::text, o.name, '<schema>'), p.probin,
               p.prosrc, pg_get_function_sqlbody(p.oid),
               freehold._drift_acl(coalesce(p.proacl, acldefault('f', p.proowner)), o.roles), d.description)::text end
    from own as o
    join pg_proc as p on p.oid = o.oid
    join pg_language as l on l.oid = p.prolang
    left join pg_description as d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass and d.objsubid = 0
    where o.classid = 'pg_proc'::regclass
    union all
    select o.ns, case when t.typtype in ('b', 'p') and t.typsubscript::oid <> 'array_subscript_handler'::regproc then null else row(
               'type', t.oid::regtype, t.typtype, format_type(t.typbasetype, t.typtypmod), t.typcollation::regcollation, t.typnotnull,
               t.typdefault, pg_get_expr(t.typdefaultbin, 0),
               array(select e.enumlabel from pg_enum as e where e.enumtypid = t.oid order by e.enumsortorder),
               r.rngsubtype::regtype, r.rngcollation::regcollation, c.opcnamespace::regnamespace, c.opcname, r.rngcanonical,
               r.rngsubdiff, r.rngmultitypid::regtype,
               freehold._drift_acl(coalesce(t.typacl, acldefault('T', t.typowner)), o.roles), d.description)::text end
    from own as o
    join pg_type as t on t.oid = o.oid
    left join pg_range as r on r.rngtypid = t.oid
    left join pg_opclass as c on c.oid = r.rngsubopc
    left join pg_description as d on d.objoid = t.oid and d.classoid = 'pg_type'::regclass and d.objsubid = 0
    where o.classid = 'pg_type'::regclass
    union all
    select o.ns, row(
               'check', c.contypid::regtype, c.conname, c.contype, pg_get_constraintdef(c.oid), c.convalidated, d.description)::text
    from own as o
    join pg_constraint as c on c.contypid = o.oid
    left join pg_description as d on d.objoid = c.oid and d.classoid = 'pg_constraint'::regclass and d.objsubid = 0
    where o.classid = 'pg_type'::regclass
    union all
    select o.ns, row(
               'statistics', s.stxname, s.stxrelid::regclass, s.stxkind, s.stxstattarget, pg_get_statisticsobjdef(s.oid),
               d.description)::text
    from own as o
    join pg_statistic_ext as s on s.oid = o.oid
    left join pg_description as d on d.objoid = s.oid and d.classoid = 'pg_statistic_ext'::regclass and d.objsubid = 0
    where o.classid = 'pg_statistic_ext'::regclass
    union all
    select o.ns, row('default privileges', freehold._drift_role(a.defaclrole, o.roles), a.defaclobjtype,
                     freehold._drift_acl(a.defaclacl, o.roles))::text
    from own as o
    join pg_default_acl as a on a.oid = o.oid
    where o.classid = 'pg_default_acl'::regclass and freehold._drift_acl(a.defaclacl, o.roles) is not null
    union all
    -- Without what the control plane and the runtime role have or have not, as in _ddl_acl and _ddl_normal.
    select h.ns, row('schema', d.description, (
               select string_agg(
                   distinct format('%s %s %s', freehold._drift_role(x.grantee, h.roles), x.privilege_type, x.is_grantable), ', ')
               from aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as x
               where x.grantee is distinct from h.roles[3]
                 and pg_get_userbyid(x.grantee) <> freehold._role('owner')
                 and not (x.grantee is not distinct from h.roles[2] and x.privilege_type = 'USAGE' and not x.is_grantable)))::text
    from home as h
    join pg_namespace as n on n.oid = h.ns
    left join pg_description as d on d.objoid = n.oid and d.classoid = 'pg_namespace'::regclass and d.objsubid = 0
    union all
    -- What is rare is not looked at: operators and their classes, casts, collations, conversions, text search, publications.
    select o.ns, null
    from own as o
    where o.classid not in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_statistic_ext'::regclass,
                            'pg_default_acl'::regclass)
    union all
    select o.ns, null
    from own as o
    join pg_depend as d on d.refclassid = o.classid and d.refobjid = o.oid and d.classid = 'pg_cast'::regclass
    where o.classid in ('pg_proc'::regclass, 'pg_type'::regclass)
    union all
    -- Of row types and arrays, which are no objects of the schema themselves.
    select o.ns, null
    from own as o
    left join pg_class as c on c.oid = o.oid and o.classid = 'pg_class'::regclass
    join pg_type as t on t.oid = case o.classid when 'pg_class'::regclass then c.reltype when 'pg_type'::regclass then o.oid end
    cross join lateral (values (case o.classid when 'pg_class'::regclass then t.oid end), (nullif(t.typarray, 0))) as u (id)
    join pg_depend as d on d.refclassid = 'pg_type'::regclass and d.refobjid = u.id and d.classid = 'pg_cast'::regclass
    union all
    select h.ns, null
    from home as h
    join pg_publication_namespace as m on m.pnnspid = h.ns
$$;

comment on function freehold._drift_object(oid[]) is
    'What the catalogs say of schemas and of their routines, types and statistics, as text; null for what has to be deparsed.';
