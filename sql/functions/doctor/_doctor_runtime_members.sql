create or replace function freehold._doctor_runtime_members()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with ours as materialized (
        select * from freehold._fleet_role()
    )
    select 'error', r.role_name::text, x.finding, x.reason, x.remedy
    from ours as r
    left join ours as g on g.role_name = r.gate_name
    join freehold._membership_list() as m on m.roleid = r.id
    left join freehold._break_glass_member() as b on b.roleid = m.roleid and b.member = m.member
    cross join lateral (
        select case
            when b.member is not null then case when has_options and m.sets then 5 end
            when m.member is distinct from g.id then 1
            when r.state <> 'active' then 2
            when has_options and m.grantor not in (select c.id from ours as c where c.kind = 'cell') then 3
            when m.inherits then 4 end as fault
        from (select current_setting('server_version_num')::integer >= 160000) as v (has_options)
    ) as f
    cross join lateral freehold._membership_undo(m.roleid, m.member, m.grantor) as u (undo)
    join lateral (values
        (1, format('%s is a member of it', m.member::regrole), 'It reads and writes the tenant''s rows without passing the gate.', u.undo),
        (2, format('%s still reaches it', g.role_name), format('Its tenant is %s, and should be shut out.', r.state), u.undo),
        (3, format('%s let %s reach it', m.grantor::regrole, g.role_name),
         'Only who granted it can take it back: the tenant could not be suspended.', u.undo),
        (4, format('%s inherits its rights', g.role_name), 'A login that passes the gate would act for all tenants at once.',
         case when current_setting('server_version_num')::integer < 160000 then format('alter role %I noinherit;', g.role_name)
              else replace(u.undo, 'revoke ', 'revoke inherit option for ') end),
        (5, format('%s can SET ROLE to it', m.member::regrole),
         'A session that has done so keeps its rights when they are taken back: break glass lasts longer than it was opened for.',
         replace(u.undo, 'revoke ', 'revoke set option for '))
    ) as x (fault, finding, reason, remedy) on x.fault = f.fault
    where r.kind = 'runtime' and (m.inherits or m.sets) and f.fault is not null
    union all
    select 'error', t.role_name::text, format('%s is a member of it', m.member::regrole),
           'It is no tenant''s role, and has what is granted to all tenants.', freehold._membership_undo(m.roleid, m.member, m.grantor)
    from ours as t
    join freehold._membership_list() as m on m.roleid = t.id
    where t.kind = 'tenant' and (m.inherits or m.sets)
        and m.member not in (select r.id from ours as r where r.kind in ('home_owner', 'runtime', 'cell'))
$$;
