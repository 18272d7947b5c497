-- Functions outside tenants' schemas by which SQL leaves the database: in languages that are not trusted, or of dblink and its kin.
create or replace function freehold._isolation_of_functions()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with reaching as (
        select p.oid, p.proowner, p.proacl
        from pg_proc as p
        join pg_language as l on l.oid = p.prolang
        where not l.lanpltrusted and l.lanname not in ('internal', 'c')
            or l.lanname = 'c' and exists (
                select from pg_depend as d
                join pg_extension as e on e.oid = d.refobjid
                where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.refclassid = 'pg_extension'::regclass
                    and d.deptype = 'e' and e.extname in ('dblink', 'adminpack', 'file_fdw', 'pageinspect', 'lo'))
                and p.prorettype not in ('fdw_handler'::regtype, 'trigger'::regtype)
                and not exists (select from pg_foreign_data_wrapper as w where w.fdwvalidator = p.oid)
    )
    select 'breach', r.slug, r.role_name, 'function', f.oid::regprocedure::text, 'execute',
           freehold._isolation_way(r.grantee, r.via),
           coalesce(r.undo, freehold._privilege_undo('execute', format('function %s', f.oid::regprocedure), a.grantee, a.grantor,
                                                     f.proowner))
    from reaching as f
    cross join lateral aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) as a
    join freehold._isolation_reach() as r on r.grantee = a.grantee
    where r.kind not in ('gate', 'login')
$$;
