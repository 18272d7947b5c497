-- Relative to the built-in defaults, a null ACL being those; so a default that was revoked is printed and one that was
-- written out is not.
create or replace function freehold._ddl_acl(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'post'::text,
        210,
        o.classid,
        o.objid,
        'acl'::text,
        format('%s %s', o.target, i.identity),
        format('%s %s on %s %s', i.verb, i.privileges, o.target, i.clause)
    from (
        select
            'pg_namespace'::regclass::oid,
            n.oid,
            format('schema %s', freehold._ddl_schema()),
            -- The control plane's own USAGE, without which it could not see what it deparses, is no part of the schema.
            array(
                select i.item from unnest(n.nspacl) i (item)
                where not exists (
                    select from aclexplode(array[i.item]) x where pg_get_userbyid(x.grantee) = freehold._role('owner'))
            ),
            acldefault('n', n.nspowner)
        from pg_namespace n
        where n.oid = ns and n.nspacl is not null
        union all
        select
            'pg_class'::regclass::oid,
            c.oid,
            format('%s %I', case c.relkind when 'S' then 'sequence' else 'table' end, c.relname),
            c.relacl,
            acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)
        from freehold._ddl_relation_any(ns) r (oid)
        join pg_class c on c.oid = r.oid
        where c.relacl is not null
        union all
        select
            'pg_proc'::regclass::oid,
            p.oid,
            case p.prokind when 'p' then 'procedure ' else 'function ' end
            || freehold._ddl_proc_identity(p.oid, p.prokind, p.proname, p.proargtypes),
            p.proacl,
            acldefault('f', p.proowner)
        from freehold._ddl_own(ns, 'pg_proc'::regclass) r (oid)
        join pg_proc p on p.oid = r.oid
        where p.proacl is not null
        union all
        select
            'pg_type'::regclass::oid,
            t.oid,
            format('type %I', t.typname),
            t.typacl,
            acldefault('T', t.typowner)
        from freehold._ddl_own(ns, 'pg_type'::regclass) r (oid)
        join pg_type t on t.oid = r.oid
        where t.typacl is not null
    ) o (classid, objid, target, acl, base)
    cross join lateral freehold._ddl_acl_item(o.acl, o.base) i
    union all
    select
        'post'::text,
        212,
        'pg_class'::regclass::oid,
        c.oid,
        'acl'::text,
        format('column %I.%I %s', c.relname, a.attname, i.identity),
        format(
            '%s %s on table %I %s',
            i.verb,
            (select string_agg(format('%s (%I)', v.privilege, a.attname), ', ' order by v.position)
                from string_to_table(i.privileges, ', ') with ordinality v (privilege, position)),
            c.relname,
            i.clause)
    from freehold._ddl_relation_any(ns) r (oid)
    join pg_class c on c.oid = r.oid
    join pg_attribute a on a.attrelid = c.oid
    cross join lateral freehold._ddl_acl_item(a.attacl, acldefault('c', c.relowner)) i
    where a.attacl is not null and a.attnum > 0 and not a.attisdropped;
end;

comment on function freehold._ddl_acl(oid) is 'Privileges on the schema and on everything in it.';
