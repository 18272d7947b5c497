-- How much there is of a schema and its roles, by their ids: the same question before an erasure and after it.
create or replace function freehold._erase_counts(schema_id oid, role_ids oid[]) returns jsonb
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'schemas', (select count(*) from pg_namespace as n where n.oid = schema_id),
        'objects', (select count(*) from pg_depend as d where d.refclassid = 'pg_namespace'::regclass and d.refobjid = schema_id),
        'roles', (select count(*) from pg_roles as r where r.oid = any (role_ids)),
        'memberships', (select count(*) from pg_auth_members as m where m.member = any (role_ids) or m.roleid = any (role_ids)),
        'privileges', (select count(*) from pg_shdepend as s
                       where s.refclassid = 'pg_authid'::regclass and s.refobjid = any (role_ids) and s.deptype <> 'o'),
        'role settings', (select count(*) from pg_db_role_setting as s where s.setrole = any (role_ids)),
        'default privileges', (select count(*) from pg_default_acl as a where a.defaclrole = any (role_ids)),
        'large objects', (select count(*) from pg_shdepend as s
                          where s.refclassid = 'pg_authid'::regclass and s.refobjid = any (role_ids)
                              and s.classid = 'pg_largeobject'::regclass and s.deptype = 'o'))
$$;
