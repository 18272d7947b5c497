-- What staff opened, and what only looks as if they had. The membership of an open login is _doctor_runtime_members()'s to judge.
create or replace function freehold._doctor_break_glass()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with glass as (
        select g.*, quote_ident(g.login) as name, r.oid, r.rolcanlogin, r.rolconnlimit, r.rolvaliduntil, r.rolsuper, r.rolbypassrls,
               r.rolcreaterole, r.rolcreatedb, r.rolreplication
        from freehold.break_glass as g
        left join pg_roles as r on r.rolname = g.login
        where g.state in ('pending', 'open') or g.login is not null and (g.removed_at is null or r.oid is not null)
    )
    select f.severity, coalesce('role ' || g.name, format('break-glass request %s', g.id)), f.finding, f.reason, f.remedy
    from glass as g
    cross join lateral (values
        (g.state in ('pending', 'open') and g.expires_at <= freehold._now(), 'error',
         format('is overdue since %s', to_char(g.expires_at, 'YYYY-MM-DD HH24:MI')),
         coalesce('The last attempt to end it failed: ' || g.failure, 'Somebody may be inside a tenant longer than was allowed.'),
         'select freehold.break_glass_expire();'),
        (g.state = 'open' and g.oid is null, 'error', 'is open and does not exist', 'The person cannot get in.',
         format('select freehold.break_glass_close(%s, ''the role is missing'');', g.id)),
        (g.state = 'open' and g.oid is not null and coalesce(g.rolvaliduntil, 'infinity') > g.expires_at + interval '1 minute', 'error',
         'lasts longer than it was opened for', 'Its password would be good after its time, if nothing else ended it.',
         format('alter role %s valid until %L;', g.name, g.expires_at)),
        (g.state = 'open' and g.rolconnlimit <> 1, 'error', 'may open more than one session', 'Its secret may have been passed on.',
         format('alter role %s connection limit 1;', g.name)),
        (g.rolsuper or g.rolbypassrls or g.rolcreaterole or g.rolcreatedb or g.rolreplication, 'error', 'has attributes beyond a login',
         'It reaches more than one tenant.',
         format('alter role %s nosuperuser nobypassrls nocreaterole nocreatedb noreplication;', g.name)),
        (g.state not in ('pending', 'open') and g.oid is not null
         and (g.rolcanlogin or exists (select from pg_auth_members as m where m.member = g.oid)), 'error',
         format('is %s and still has rights', g.state), 'Somebody may still be inside a tenant.',
         format('alter role %1$s nologin; drop owned by %1$s; drop role %1$s;', g.name)),
        (g.state not in ('pending', 'open') and g.oid is not null and not g.rolcanlogin
         and not exists (select from pg_auth_members as m where m.member = g.oid), 'note',
         format('is %s and was not dropped yet', g.state),
         coalesce('The last attempt failed: ' || g.failure, 'It has no right any more.'), 'select freehold.break_glass_expire();')
    ) as f (is_bad, severity, finding, reason, remedy)
    where f.is_bad
    union all
    select 'error', format('role %I', r.rolname), 'is named like a break-glass login, and is none',
           'The registry does not know it: nobody gave a reason for it, and nothing ends it.',
           format('alter role %1$I nologin; drop owned by %1$I; drop role %1$I;', r.rolname)
    from pg_roles as r
    where starts_with(r.rolname, freehold._role('bg_')) and r.rolname ~ '_bg_[0-9a-f]{20}$'
        and not exists (select from freehold.break_glass as g where g.login = r.rolname)
    union all
    select 'error', g.login::text, format('%s is a member of it', m.member::regrole), 'Its secret is for one person alone.',
           freehold._membership_undo(m.roleid, m.member, m.grantor)
    from glass as g
    join freehold._membership_list() as m on m.roleid = g.oid
    where m.inherits or m.sets
    union all
    select 'error', g.login::text, format('is a member of %s', m.roleid::regrole), 'It reaches more than its tenant.',
           freehold._membership_undo(m.roleid, m.member, m.grantor)
    from glass as g
    join freehold._membership_list() as m on m.member = g.oid
    where g.state = 'open' and (m.roleid, m.member) not in (select b.roleid, b.member from freehold._break_glass_member() as b)
    union all
    select 'error', g.login::text, 'is in none of the tenant''s roles', 'The person cannot read anything.',
           format('select freehold.break_glass_close(%s, ''its membership is missing'');', g.id)
    from glass as g
    where g.state = 'open' and g.oid is not null
        and g.oid not in (select b.member from freehold._break_glass_member() as b join pg_auth_members as m using (roleid, member))
$$;
