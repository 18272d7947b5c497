-- Memberships that give anything: with ADMIN a role can grant itself the rest. PostgreSQL 15 has no options: there the names mean
-- those of none, and the attribute of the member decides.
create or replace function freehold._isolation_edge()
    returns table (roleid oid, member oid, grantor oid, inherits boolean, sets boolean, admin boolean)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select e.*
    from (select m.roleid, m.member, m.grantor, coalesce(o.inherits, r.rolinherit) as inherits, coalesce(o.sets, true) as sets,
                 m.admin_option as admin
          from pg_auth_members as m
          join pg_roles as r on r.oid = m.member
          cross join (select null::boolean as inherit_option, null::boolean as set_option) as none
          cross join lateral (select inherit_option, set_option from (select m.*) as membership) as o (inherits, sets)) as e
    where e.inherits or e.sets or e.admin
$$;
