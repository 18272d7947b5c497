-- Memberships with their options, which 15 has none of: there the attributes of the roles decide.
create or replace function freehold._membership_list()
    returns table (roleid oid, member oid, grantor oid, inherits boolean, sets boolean)
    language sql stable security invoker
begin atomic
    select m.roleid, m.member, m.grantor, coalesce((j.row ->> 'inherit_option')::boolean, r.rolinherit),
           coalesce((j.row ->> 'set_option')::boolean, true)
    from pg_auth_members as m
    join pg_roles as r on r.oid = m.member
    cross join lateral to_jsonb(m) as j (row);
end;
