-- What is still there after an erasure: asked of the catalogs by the names and ids that the tenant had.
create or replace function freehold._erase_residue(tenant freehold.tenant, role_ids oid[]) returns table (what text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select format('schema %I', n.nspname) from pg_namespace as n where n.nspname = tenant.schema_name
    union all
    select format('role %I', r.rolname) from pg_roles as r
    where r.oid = any (role_ids) or r.rolname = any (freehold._tenant_roles(tenant))
    union all
    select format('membership of role %s in role %s', m.member, m.roleid) from pg_auth_members as m
    where m.member = any (role_ids) or m.roleid = any (role_ids)
    union all
    select format('%s in database %s',
                  coalesce(case when s.dbid = d.oid then pg_describe_object(s.classid, s.objid, s.objsubid) end, 'an object'),
                  coalesce((select o.datname from pg_database as o where o.oid = s.dbid), '(shared)'))
    from pg_shdepend as s, pg_database as d
    where s.refclassid = 'pg_authid'::regclass and s.refobjid = any (role_ids) and d.datname = current_database()
    union all
    select format('settings of role %s', s.setrole) from pg_db_role_setting as s where s.setrole = any (role_ids)
    union all
    select format('large object %s', l.oid) from pg_largeobject_metadata as l where l.lomowner = any (role_ids)
    union all
    select format('default privileges of role %s', a.defaclrole) from pg_default_acl as a where a.defaclrole = any (role_ids)
    union all
    select format('prepared transaction %L', p.gid) from pg_prepared_xacts as p
    where p.owner = any (freehold._tenant_roles(tenant))
    union all
    select format('session %s of role %I', a.pid, a.usename) from pg_stat_activity as a
    where a.usename = any (freehold._tenant_roles(tenant))
    union all
    select format('registry row of tenant %s', t.id) from freehold.tenant as t
    where t.id = tenant.id
        and (t.display_name is not null or t.external_id is not null or t.external_id_key is not null or t.settings <> '{}'
             or t.limits <> '{}')
    union all
    select format('migration %s in the ledger', m.migration_id) from freehold.tenant_migration as m where m.home_id = tenant.id
    union all
    select format('%s of the audit', c.oid::regclass) from pg_class as c
    where c.oid = to_regclass('freehold_audit.' || freehold._audit_name(tenant.id))
    union all
    select format('an error in rollout %s', i.rollout_id) from freehold.rollout_tenant as i
    where i.home_id = tenant.id and i.error_message is not null
$$;
