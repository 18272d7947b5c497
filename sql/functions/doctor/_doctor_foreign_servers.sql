create or replace function freehold._doctor_foreign_servers()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with role as materialized (
        select r.id from freehold._fleet_role() as r where r.kind in ('tenant', 'gate', 'gates', 'runtime', 'home_owner')
    ), gate (kind, name, acl, owner) as (
        select 'foreign server', s.srvname, s.srvacl, s.srvowner from pg_foreign_server as s
        union all
        select 'foreign data wrapper', w.fdwname, w.fdwacl, w.fdwowner from pg_foreign_data_wrapper as w
    )
    select 'error', format('%s %I', g.kind, g.name),
           format('%s may use it', case a.grantee when 0 then 'PUBLIC' else a.grantee::regrole::text end),
           'A tenant''s foreign table reaches whatever the server of the database can.',
           freehold._privilege_undo('usage', format('%s %I', g.kind, g.name), a.grantee, a.grantor, g.owner)
    from gate as g
    cross join lateral aclexplode(g.acl) as a
    where a.grantee = 0 or a.grantee in (select r.id from role as r)
    union all
    select 'warning', format('foreign server %I', m.srvname), 'has a user mapping for PUBLIC',
           'Whoever may use the server logs in there with it.', format('drop user mapping for public server %I;', m.srvname)
    from pg_user_mappings as m
    where m.umuser = 0
$$;
