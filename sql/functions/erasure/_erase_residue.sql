-- What is still there after an erasure: asked of the catalogs by the names and ids that the tenant had. Everything that has an index
-- is asked by it, and what has none is small.
create or replace function freehold._erase_residue(tenant freehold.tenant, role_ids oid[], schema_id oid)
    returns table (what text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select format('schema %I', n.nspname) from pg_namespace as n where n.nspname = tenant.schema_name or n.oid = schema_id
    union all
    select format('%s in schema %s', pg_describe_object(d.classid, d.objid, d.objsubid), schema_id)
    from pg_depend as d where d.refclassid = 'pg_namespace'::regclass and d.refobjid = schema_id
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
    select format('the comment on schema %s', d.objoid) from pg_description as d
    where d.objoid = schema_id and d.classoid = 'pg_namespace'::regclass
    union all
    select format('the comment on role %s', d.objoid) from pg_shdescription as d
    where d.objoid = any (role_ids) and d.classoid = 'pg_authid'::regclass
    union all
    select format('a security label on %s', l.objoid) from pg_seclabel as l
    where l.objoid = schema_id and l.classoid = 'pg_namespace'::regclass
    union all
    select format('a security label on role %s', l.objoid) from pg_shseclabel as l
    where l.objoid = any (role_ids) and l.classoid = 'pg_authid'::regclass
    union all
    select format('user mapping for role %s', m.umuser) from pg_user_mappings as m where m.umuser = any (role_ids)
    union all
    select format('schema %s in a publication', p.pnnspid) from pg_publication_namespace as p where p.pnnspid = schema_id
    union all
    select format('%s %L', n.kind, n.name)
    from (select 'publication' as kind, p.pubname::text as name from pg_publication as p
          union all
          select 'subscription', s.subname from pg_subscription as s
          union all
          select 'event trigger', e.evtname from pg_event_trigger as e
          union all
          select 'foreign server', f.srvname from pg_foreign_server as f
          union all
          select 'replication slot', s.slot_name from pg_replication_slots as s
          union all
          select 'replication origin', o.roname from pg_replication_origin as o
          union all
          select 'prepared transaction', p.gid from pg_prepared_xacts as p where p.owner <> all (freehold._tenant_roles(tenant))) as n
    where freehold._residue_named(tenant, n.name)
    union all
    select format('prepared transaction %L', p.gid) from pg_prepared_xacts as p
    where p.owner = any (freehold._tenant_roles(tenant))
    union all
    select format('session %s of role %I', a.pid, a.usename) from pg_stat_activity as a
    where a.usename = any (freehold._tenant_roles(tenant))
    union all
    select format('function %s', p.oid::regprocedure) from pg_proc as p
    where p.proname in (freehold._runner_name(tenant.id), freehold._reading_name(tenant.id))
        and p.pronamespace = 'freehold_runner'::regnamespace
    union all
    select format('audit log %s', c.oid::regclass) from pg_class as c
    -- Its partitions' names begin with its own, and what follows that is less than the last.
    where c.relname >= freehold._audit_name(tenant.id) and c.relname < (freehold._audit_name(tenant.id) || '`')::name
        and c.relkind in ('r', 'p') and c.relnamespace = to_regnamespace('freehold_audit')
    union all
    select format('function %s', p.oid::regprocedure) from pg_proc as p
    where p.proname = freehold._audit_writer(tenant.id) and p.pronamespace = to_regnamespace('freehold_audit')
    union all
    select format('registry row of tenant %s', t.id) from freehold.tenant as t
    where t.id = tenant.id
        and (t.display_name is not null or t.external_id is not null or t.external_id_key is not null or t.settings <> '{}'
             or t.limits <> '{}' or t.state_reason is not null)
    union all
    select format('role %I', r.rolname)
    from freehold.break_glass as g
    join pg_roles as r on r.rolname = g.login
    where g.tenant_id = tenant.id
    union all
    select format('an error in rollout %s', i.rollout_id) from freehold.rollout_tenant as i
    where i.home_id = tenant.id and i.error_message is not null
    union all
    select format('an error of operation %s', o.id) from freehold.operation as o
    where o.tenant_id = tenant.id and o.error_message is not null
    union all
    select format('an error of sign-up %s', s.id) from freehold.signup as s
    where s.tenant_id = tenant.id and s.error_message is not null
    union all
    select format('what sign-up %s asked for', s.id) from freehold.signup as s
    where s.tenant_id = tenant.id and exists (select from freehold.signup_request as r where r.signup_id = s.id)
    union all
    select r.what from freehold._residue_rows(tenant) as r
$$;
