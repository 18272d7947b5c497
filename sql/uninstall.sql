-- Removes freehold from this database: psql -X -1 -v ON_ERROR_STOP=1 -f sql/uninstall.sql
-- Refuses while tenants exist. Templates, the control schema and the installation's roles go; of CONNECT and TEMPORARY on the
-- database, what the install took returns to PUBLIC. Roles that another database of the cluster still needs are left, and named.
do $$
begin
    perform pg_catalog.set_config('freehold.installer_path', pg_catalog.current_setting('search_path'), false);
    perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false);
end
$$;
set client_min_messages = warning;

do $uninstall$
declare
    v_version constant integer := current_setting('server_version_num')::integer;
    v_superuser constant boolean := (select rolsuper from pg_catalog.pg_roles where rolname = current_user);
    v_with constant text := case when v_version >= 160000 then ' with inherit true, set true' else '' end;
    v_database constant name := current_database();
    v_acting constant text := current_setting('role');
    v_prefix text;
    v_public text;
    v_tenants bigint;
    v_own name[];
    v_roles name[];
    v_kept text;
    v_grants text;
    v_name text;
    v_cell record;
begin
    -- Whoever uninstalls may have no right in the schema yet; whom it belongs to, all can see.
    select regexp_replace(r.rolname, '_owner$', '') into v_prefix
    from pg_catalog.pg_namespace as n
    join pg_catalog.pg_roles as r on r.oid = n.nspowner
    where n.nspname = 'freehold'
        and exists (select from pg_catalog.pg_class as c where c.relnamespace = n.oid and c.relname = 'tenant');
    if v_prefix is null then
        raise exception 'freehold is not installed in database "%"', v_database using errcode = 'FH106';
    end if;
    if not v_superuser then
        execute format('grant %I, %I, %I to current_user%s', v_prefix || '_owner', v_prefix || '_cell_00', v_prefix || '_audit_owner',
                       v_with);
    end if;
    -- An installation that did not keep account of it had taken both.
    v_public := coalesce((select s.value from freehold.setting as s where s.name = 'public_revoked'), 'connect, temporary');
    lock table freehold.tenant in access exclusive mode;
    select count(*) into v_tenants from freehold.tenant where state <> 'erased';
    if v_tenants > 0 then
        raise exception 'there are % tenants', v_tenants
            using errcode = 'FH211', hint = 'Retire and erase them first: select slug, state from freehold.tenant_list();';
    end if;
    v_own := array(select v_prefix || '_' || s
                   from unnest(array['owner', 'cell_00', 'admin', 'auditor', 'worker', 'audit_owner', 'tenant', 'gates',
                                     'resolver', 'member', 'break_glass', 'analyst', 'nobody']) as s
                   -- One of an earlier release need not have them all.
                   where to_regrole(quote_ident(v_prefix || '_' || s)) is not null);
    v_roles := v_own || array(select c.role_name from freehold.cell as c) || array(select c.gate_name from freehold.cell as c);
    select string_agg(distinct format('%I (database %I)', r.rolname, d.datname), ', ') into v_kept
    from pg_catalog.pg_shdepend as s
    join pg_catalog.pg_roles as r on r.oid = s.refobjid
    join pg_catalog.pg_database as d on d.oid = coalesce(nullif(s.dbid, 0), case when s.classid = 'pg_database'::regclass then s.objid end)
    where s.refclassid = 'pg_authid'::regclass and r.rolname = any (v_roles) and d.datname <> v_database;

    -- A privilege on the database is revoked by who granted it, and a role that holds one cannot be dropped.
    select string_agg(g.statement, ' ') into v_grants
    from (
        select format('As %1$I: revoke all on database %2$I from %3$s cascade; grant connect on database %2$I to %4$I;',
                      pg_get_userbyid(a.grantor), v_database, string_agg(distinct quote_ident(r.rolname), ', '),
                      current_user) as statement
        from pg_catalog.pg_database as d
        cross join lateral aclexplode(d.datacl) as a
        join pg_catalog.pg_roles as r on r.oid = a.grantee and r.rolname = any (v_roles)
        where d.datname = v_database and v_kept is null
            and not pg_has_role(a.grantor, 'usage') and pg_get_userbyid(a.grantor) <> all (v_roles)
        group by a.grantor
        union all
        select format('As %I: revoke set on parameter %s from %s cascade;', pg_get_userbyid(a.grantor), p.parname,
                      string_agg(distinct quote_ident(r.rolname), ', '))
        from pg_catalog.pg_parameter_acl as p
        cross join lateral aclexplode(p.paracl) as a
        join pg_catalog.pg_roles as r on r.oid = a.grantee and r.rolname = any (v_roles)
        where p.parname in ('temp_file_limit', 'pgaudit.log') and v_kept is null
            and not pg_has_role(a.grantor, 'usage') and pg_get_userbyid(a.grantor) <> all (v_roles)
        group by a.grantor, p.parname) as g;
    if v_grants is not null then
        raise exception 'role "%" cannot revoke what others granted to roles of the installation', current_user
            using errcode = 'FH303', detail = 'Roles of the installation hold these privileges.',
                  hint = v_grants || ' Or uninstall as a superuser.';
    end if;
    -- What staff had opened was ended with its tenant; a role of it may be left.
    if to_regprocedure('freehold.break_glass_expire()') is not null then
        perform freehold.break_glass_expire();
    end if;
    for v_name in select name from freehold.template loop
        perform freehold.template_drop(v_name);
    end loop;

    if v_kept is null then
        for v_name in
            select distinct pg_get_userbyid(a.grantor)
            from pg_catalog.pg_database as d
            cross join lateral aclexplode(d.datacl) as a
            join pg_catalog.pg_roles as r on r.oid = a.grantee and r.rolname = any (v_roles)
            where d.datname = v_database and pg_get_userbyid(a.grantor) <> all (v_roles)
        loop
            perform set_config('role', v_name, true) where v_superuser;
            execute format('revoke all on database %I from %s cascade', v_database,
                           (select string_agg(quote_ident(r), ', ') from unnest(v_roles) as r));
        end loop;
        perform set_config('role', v_acting, true);
        for v_name in
            select p.parname from pg_catalog.pg_parameter_acl as p
            where p.parname in ('temp_file_limit', 'pgaudit.log') and has_parameter_privilege(p.parname, 'set with grant option')
        loop
            execute format('revoke set on parameter %s from %s cascade', v_name,
                           (select string_agg(quote_ident(r), ', ') from unnest(v_roles) as r));
        end loop;
        for v_cell in select * from freehold.cell loop
            execute format('revoke all on schema freehold from %I', v_cell.gate_name);
            -- By name: the cells' own functions are among all routines, and only they could revoke on those.
            for v_name in
                select format('revoke all on routine %s from %I', p.oid::regprocedure, v_cell.gate_name)
                from pg_catalog.pg_proc as p
                where p.pronamespace = 'freehold'::regnamespace and exists (
                    select from aclexplode(p.proacl) as a where a.grantee = to_regrole(quote_ident(v_cell.gate_name)))
            loop
                execute v_name;
            end loop;
            if to_regnamespace('freehold_runner') is not null then
                execute format('revoke all on schema freehold_runner from %I', v_cell.role_name);
            end if;
            perform freehold._cell_run(0, format('grant %I, %I to current_user%s', v_cell.gate_name, v_cell.role_name, v_with));
            perform freehold._cell_run(0, format('drop owned by %I, %I', v_cell.gate_name, v_cell.role_name));
            perform freehold._cell_run(0, format('drop role %I, %I', v_cell.gate_name, v_cell.role_name));
        end loop;
    end if;
    drop schema freehold cascade;
    drop schema if exists freehold_runner cascade;
    drop schema if exists freehold_audit cascade;
    if v_kept is null then
        foreach v_name in array v_own loop
            if not v_superuser and v_name not in (v_prefix || '_owner', v_prefix || '_cell_00', v_prefix || '_audit_owner') then
                execute format('grant %I to current_user%s', v_name, v_with);
            end if;
            execute format('drop owned by %I', v_name);
        end loop;
    else
        -- A copy of this database uses the roles: DROP OWNED would take their rights there as well.
        foreach v_name in array v_roles loop
            execute format('revoke all on database %I from %I cascade', v_database, v_name);
        end loop;
        execute format('alter default privileges for role %I grant execute on functions to public', v_prefix || '_owner');
    end if;
    v_public := (select string_agg(p, ', ') from unnest(string_to_array(nullif(v_public, 'none'), ', ')) as p
                 where not has_database_privilege('public', v_database, p));
    if v_public is not null then
        if (select pg_has_role(current_user, d.datdba, 'usage') from pg_catalog.pg_database as d where d.datname = v_database) then
            execute format('grant %s on database %I to public', v_public, v_database);
        else
            raise warning 'PUBLIC had % on database "%"', v_public, v_database
                using hint = format('As the database''s owner: grant %s on database %I to public;', v_public, v_database);
        end if;
    end if;
    if v_kept is null then
        foreach v_name in array v_own loop
            execute format('drop role %I', v_name);
        end loop;
    else
        if not v_superuser then
            execute format('revoke %I, %I, %I from current_user', v_prefix || '_owner', v_prefix || '_cell_00', v_prefix || '_audit_owner');
        end if;
        raise warning 'the roles of this installation are kept' using detail = format('Still needed: %s.', v_kept);
    end if;
    perform set_config('search_path', current_setting('freehold.installer_path'), false);
end
$uninstall$;

reset client_min_messages;
