-- security definer: the registry is the owner's. Touches: all tables of the control plane and the catalogs (read).
create or replace function freehold.isolation_coverage()
    returns table (object_kind text, roles bigint, objects bigint, privileges bigint, questions bigint, held bigint)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
    set jit = off
as $$
    with subject as materialized (
        select s.ns from freehold._isolation_subject() as s
    ), total as (
        select count(*) as roles from subject as s
    ), own as (
        select s.ns, count(*) as roles from subject as s where s.ns is not null group by s.ns
    ), object (kind, acl, ns, objects) as (
        select case c.relkind when 'r' then 'table' when 'p' then 'table' when 'v' then 'view' when 'm' then 'materialized view'
                              when 'f' then 'foreign table' else 'sequence' end,
               case c.relkind when 'S' then 's' else 'r' end, c.relnamespace, count(*)
        from pg_class as c
        where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        group by 1, 2, 3
        union all
        select 'column', 'c', c.relnamespace, sum(c.relnatts)
        from pg_class as c
        where c.relkind in ('r', 'p', 'v', 'm', 'f')
        group by c.relnamespace
        union all
        select 'function', 'f', p.pronamespace, count(*) from pg_proc as p group by p.pronamespace
        union all
        select 'type', 'T', t.typnamespace, count(*) from pg_type as t where t.typelem = 0 and t.typtype <> 'c' group by t.typnamespace
        union all
        select 'schema', 'n', n.oid, 1 from pg_namespace as n
        union all
        select 'database', 'd', 0, count(*) from pg_database as d where d.datallowconn
        union all
        select 'language', 'l', 0, count(*) from pg_language as l
        union all
        select 'foreign data wrapper', 'F', 0, count(*) from pg_foreign_data_wrapper as w
        union all
        select 'foreign server', 'S', 0, count(*) from pg_foreign_server as s
        union all
        select 'large object', 'L', 0, count(*) from pg_largeobject_metadata as o
        union all
        select 'tablespace', 't', 0, count(*) from pg_tablespace as t
        union all
        select 'parameter', 'p', 0, count(*) from pg_settings as s
    ), asked as (
        select o.kind, sum(o.objects) as objects, sum(o.objects * (t.roles - coalesce(w.roles, 0))) as pairs,
               case o.acl when 'c' then 4 else (select count(*) from aclexplode(acldefault(o.acl::"char", 10))
                                                as a where a.grantee = 10) end as privileges
        from object as o
        cross join total as t
        left join own as w on w.ns = o.ns
        group by o.kind, o.acl
    ), control as (
        select count(*) as roles, count(distinct c.schema_name) as objects, count(*) filter (where c.held) as held
        from freehold._isolation_control() as c
    )
    select a.kind, t.roles, a.objects::bigint, a.privileges, (a.pairs * a.privileges)::bigint, null::bigint
    from asked as a, total as t
    union all
    select 'role', t.roles, r.roles, 3, t.roles * (r.roles - 1) * 3, null
    from total as t, (select count(*) as roles from pg_roles) as r
    union all
    select 'own schema', c.roles, c.objects, 2, c.roles * 2, c.held * 2 from control as c
    order by 1
$$;

comment on function freehold.isolation_coverage() is
    'What isolation_check() asked: for each kind of object how many roles (tenants'', the applications'' that become them, and '
    'PUBLIC), objects and privileges, and how many questions that makes, a role''s own schema left out; of roles, whether one '
    'inherits, sets or administers the other. The row own schema is the positive control: what runtime roles of active tenants '
    'should hold (the schema''s use, and reading in it), of which held is there. It proves nothing where questions is 0 or held '
    'is less.';
