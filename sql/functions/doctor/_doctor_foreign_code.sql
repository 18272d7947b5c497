-- Code that reaches out of the database: functions in languages that are not trusted, and those of dblink and its kin.
create or replace function freehold._doctor_foreign_code()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with role as materialized (
        select r.id from freehold._fleet_role() as r where r.kind in ('tenant', 'gate', 'gates', 'runtime', 'home_owner')
    ), reaching as (
        select format('function %s', p.oid::regprocedure) as object, p.oid, p.proacl, p.proowner,
               format('its language %I is not trusted', l.lanname) as why
        from pg_proc as p
        join pg_language as l on l.oid = p.prolang and not l.lanpltrusted and l.lanname not in ('internal', 'c')
        union all
        select format('extension %I', e.extname), p.oid, p.proacl, p.proowner, 'it connects to servers, or reads files'
        from pg_extension as e
        join pg_depend as d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.classid = 'pg_proc'::regclass
            and d.deptype = 'e'
        join pg_proc as p on p.oid = d.objid
        where e.extname in ('dblink', 'adminpack', 'file_fdw')
    )
    select 'error', f.object, format('%s may execute it', case a.grantee when 0 then 'PUBLIC' else a.grantee::regrole::text end),
           format('A tenant''s SQL reaches out of the database by it: %s.', f.why),
           freehold._privilege_undo('execute', 'function ' || string_agg(f.oid::regprocedure::text, ', ' order by f.oid),
                                    a.grantee, a.grantor, f.proowner)
    from reaching as f
    cross join lateral aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) as a
    where a.grantee = 0 or a.grantee in (select r.id from role as r)
    group by f.object, f.why, f.proowner, a.grantee, a.grantor
$$;
