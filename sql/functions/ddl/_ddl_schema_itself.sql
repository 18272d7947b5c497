-- Default privileges of one schema only ever add to the global ones, so they are compared with nothing.
create or replace function freehold._ddl_schema_itself(ns oid)
returns setof freehold._ddl_part
language sql
stable
begin atomic
    select
        'post'::text,
        220,
        'pg_default_acl'::regclass::oid,
        a.oid,
        'default privileges'::text,
        format('%s of %s to %s%s', k.kind, freehold._ddl_role(a.defaclrole), g.role, g.option),
        format(
            'alter default privileges for role %s in schema %s grant %s on %s to %s%s',
            freehold._ddl_role(a.defaclrole),
            freehold._ddl_schema(),
            g.privileges,
            k.kind,
            g.role,
            g.option)
    from pg_depend d
    join pg_default_acl a on a.oid = d.objid
    cross join lateral (
        select case a.defaclobjtype
            when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types'
        end
    ) k (kind)
    cross join lateral (
        select
            freehold._ddl_role(x.grantee),
            string_agg(lower(x.privilege_type), ', ' order by x.privilege_type collate "C"),
            case when x.is_grantable then ' with grant option' else '' end
        from aclexplode(a.defaclacl) x
        group by x.grantee, x.is_grantable
    ) g (role, privileges, option)
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = ns and d.classid::bigint = 'pg_default_acl'::regclass::oid::bigint;
end;

comment on function freehold._ddl_schema_itself(oid) is 'Default privileges in a schema.';
