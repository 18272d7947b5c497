-- Grants on the control plane as they are: the owner's own and the cells' functions left out.
drop function if exists freehold._grant_excess();

create or replace function freehold._grant_actual()
    returns table (role_name name, object_kind text, object text, privilege text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with actual as (
        select a.grantee, case p.prokind when 'p' then 'procedure' else 'function' end as object_kind,
               p.oid::regprocedure::text as object, a.privilege_type as privilege
        from pg_proc as p
        cross join lateral aclexplode(p.proacl) as a
        where p.pronamespace = 'freehold'::regnamespace and p.proowner = freehold._role('owner')::regrole
        union all
        select a.grantee, case c.relkind when 'S' then 'sequence' else 'table' end, c.oid::regclass::text, a.privilege_type
        from pg_class as c
        cross join lateral aclexplode(c.relacl) as a
        where c.relnamespace = 'freehold'::regnamespace
        union all
        select a.grantee, 'schema', 'freehold', a.privilege_type
        from pg_namespace as n
        cross join lateral aclexplode(n.nspacl) as a
        where n.nspname = 'freehold'
    )
    select coalesce(r.rolname, 'public'), a.object_kind, a.object, a.privilege
    from actual as a
    left join pg_roles as r on r.oid = a.grantee
    where a.grantee <> freehold._role('owner')::regrole
$$;
