-- Memberships that give anything: with ADMIN a role can grant itself the rest.
create or replace function freehold._isolation_edge()
    returns table (roleid oid, member oid, grantor oid, inherits boolean, sets boolean, admin boolean)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select e.*
    from (select m.roleid, m.member, m.grantor, coalesce((j.row ->> 'inherit_option')::boolean, r.rolinherit) as inherits,
                 coalesce((j.row ->> 'set_option')::boolean, true) as sets, m.admin_option as admin
          from pg_auth_members as m
          join pg_roles as r on r.oid = m.member
          cross join lateral to_jsonb(m) as j (row)) as e
    where e.inherits or e.sets or e.admin
$$;
