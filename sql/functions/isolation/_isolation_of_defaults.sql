-- What is granted on objects before they are made: in tenants' schemas to anybody else, elsewhere more than reading. Functions of
-- tenants' owners and of the control plane are PUBLIC's unless the default was taken back.
create or replace function freehold._isolation_of_defaults()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with reach as materialized (
        select r.* from freehold._isolation_reach() as r where r.kind not in ('gate', 'login')
    ), home as materialized (
        select h.ns, h.owner, case h.kind when 'tenant' then h.name end as slug from freehold._fleet_home() as h
    ), entry as (
        select d.*, a.grantee, a.privilege_type, coalesce(h.ns, o.ns) as place
        from pg_default_acl as d
        cross join lateral aclexplode(d.defaclacl) as a
        left join home as h on h.ns = d.defaclnamespace
        left join home as o on o.owner = d.defaclrole and d.defaclnamespace = 0
        where a.grantee <> d.defaclrole
    )
    select 'breach', r.slug, r.role_name, 'default privileges',
           concat_ws(' in schema ', e.defaclrole::regrole::text, case when e.defaclnamespace <> 0 then e.defaclnamespace::regnamespace end),
           lower(e.privilege_type) || ' on ' || w.what, 'default privileges',
           coalesce(r.undo, format('alter default privileges for role %s%s revoke %s on %s from %s;', e.defaclrole::regrole,
                                   case when e.defaclnamespace <> 0 then ' in schema ' || e.defaclnamespace::regnamespace::text end,
                                   lower(e.privilege_type), w.what,
                                   case e.grantee when 0 then 'public' else e.grantee::regrole::text end))
    from entry as e
    join reach as r on r.grantee = e.grantee
    cross join lateral (select case e.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
                                                    when 'T' then 'types' when 'n' then 'schemas' else 'large objects' end) as w (what)
    where (e.place is null or r.ns is distinct from e.place)
        and not (r.id = 0 and e.defaclobjtype in ('f', 'T') and e.defaclnamespace = 0)
        and (e.place is not null or e.defaclnamespace = 'freehold'::regnamespace
             or e.defaclobjtype in ('r', 'S') and e.privilege_type <> 'SELECT' or e.defaclobjtype not in ('r', 'S', 'f', 'T'))
    union all
    select 'breach', r.slug, 'public', 'default privileges', d.object, 'execute on functions', 'default privileges', d.remedy
    from freehold._doctor_default_privileges() as d
    left join freehold._isolation_subject() as r on r.role_name = d.object
$$;
