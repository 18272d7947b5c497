-- Removes freehold from this database: psql -X -1 -v ON_ERROR_STOP=1 -f sql/uninstall.sql
-- Refuses while tenants exist. Templates, the control schema and the installation's roles go; CONNECT and TEMPORARY on the
-- database return to PUBLIC. Roles that another database of the cluster still needs are left, and named.
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
    v_prefix text;
    v_tenants bigint;
    v_roles name[];
    v_kept text;
    v_name text;
    v_cell record;
begin
    if to_regclass('freehold.tenant') is null then
        raise exception 'freehold is not installed in database "%"', current_database() using errcode = 'FH106';
    end if;
    select s.value into v_prefix from freehold.setting_list() as s where s.name = 'role_prefix';
    if not v_superuser then
        execute format('grant %I, %I to current_user%s', v_prefix || '_owner', v_prefix || '_cell_00', v_with);
    end if;
    lock table freehold.tenant in access exclusive mode;
    select count(*) into v_tenants from freehold.tenant where state <> 'erased';
    if v_tenants > 0 then
        raise exception 'there are % tenants', v_tenants
            using errcode = 'FH211', hint = 'Retire and erase them first: select slug, state from freehold.tenant_list();';
    end if;
    for v_name in select name from freehold.template loop
        perform freehold.template_drop(v_name);
    end loop;

    v_roles := array(select v_prefix || '_' || s
                     from unnest(array['owner', 'cell_00', 'admin', 'auditor', 'worker', 'audit_owner', 'tenant']) as s)
               || array(select c.role_name from freehold.cell as c) || array(select c.gate_name from freehold.cell as c);
    select string_agg(distinct format('%I (database %I)', r.rolname, d.datname), ', ') into v_kept
    from pg_catalog.pg_shdepend as s
    join pg_catalog.pg_roles as r on r.oid = s.refobjid
    join pg_catalog.pg_database as d on d.oid = coalesce(nullif(s.dbid, 0), case when s.classid = 'pg_database'::regclass then s.objid end)
    where s.refclassid = 'pg_authid'::regclass and r.rolname = any (v_roles) and d.datname <> current_database();

    if v_kept is null then
        for v_cell in select * from freehold.cell loop
            perform freehold._cell_run(0, format('grant %I, %I to current_user%s', v_cell.gate_name, v_cell.role_name, v_with));
            perform freehold._cell_run(0, format('drop owned by %I, %I', v_cell.gate_name, v_cell.role_name));
            perform freehold._cell_run(0, format('drop role %I, %I', v_cell.gate_name, v_cell.role_name));
        end loop;
    end if;
    drop schema freehold cascade;
    if v_kept is null then
        foreach v_name in array v_roles[1:7] loop
            if not v_superuser and v_name not in (v_prefix || '_owner', v_prefix || '_cell_00') then
                execute format('grant %I to current_user%s', v_name, v_with);
            end if;
            execute format('drop owned by %I', v_name);
        end loop;
    else
        -- A copy of this database uses the roles: DROP OWNED would take their rights there as well.
        foreach v_name in array v_roles loop
            execute format('revoke all on database %I from %I cascade', current_database(), v_name);
        end loop;
        execute format('alter default privileges for role %I grant execute on functions to public', v_prefix || '_owner');
    end if;
    execute format('grant connect, temporary on database %I to public', current_database());
    if v_kept is null then
        foreach v_name in array v_roles[1:7] loop
            execute format('drop role %I', v_name);
        end loop;
    else
        if not v_superuser then
            execute format('revoke %I, %I from current_user', v_prefix || '_owner', v_prefix || '_cell_00');
        end if;
        raise warning 'the roles of this installation are kept' using detail = format('Still needed: %s.', v_kept);
    end if;
    perform set_config('search_path', current_setting('freehold.installer_path'), false);
end
$uninstall$;

reset client_min_messages;
