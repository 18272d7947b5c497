create or replace function freehold._isolation_of_members()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with subject as materialized (
        select s.* from freehold._isolation_subject() as s where s.id <> 0
    ), beyond as (
        select r.id
        from freehold._fleet_role() as r
        where r.kind in ('owner', 'cell', 'audit_owner', 'admin', 'auditor', 'worker', 'break_glass', 'analyst')
    )
    select 'breach', coalesce(m.slug, r.slug), e.member::regrole::text, 'role', e.roleid::regrole::text,
           concat_ws(', ', case when e.inherits then 'inherit' end, case when e.sets then 'set' end, case when e.admin then 'admin' end),
           'membership',
           case when m.kind = 'gate' and r.kind = 'runtime' and m.role_name = r.gate and not e.admin then
                    case when current_setting('server_version_num')::integer < 160000 then format('alter role %I noinherit;', m.role_name)
                         else replace(u.undo, 'revoke ', 'revoke inherit option for ') end
                else u.undo end
    from freehold._isolation_member() as e
    cross join lateral freehold._membership_undo(e.roleid, e.member, e.grantor) as u (undo)
    left join subject as r on r.id = e.roleid
    left join subject as m on m.id = e.member
    where e.judged and not e.expected
    union all
    -- An application's login may be in groups of its own, but injected SQL becomes it.
    select 'breach', null, r.role_name, 'role', p.rolname, 'member', freehold._isolation_way(r.grantee, r.via), r.undo
    from freehold._isolation_reach() as r
    join pg_roles as p on p.oid = r.grantee
    where r.kind = 'login' and r.via is not null and p.oid not in (select s.id from subject as s)
        and (p.rolsuper or p.rolbypassrls or p.rolcreaterole or p.rolreplication or p.oid in (select b.id from beyond as b)
             or p.rolname ~ '^pg_' and p.rolname <> 'pg_use_reserved_connections')
$$;
