-- Back to the installing role: what only it can do, and then giving up what it took for the install.
do $finish$
declare
    v_prefix constant text := freehold._setting_value('role_prefix');
    v_version constant text := freehold.version();
    v_installer constant name := current_setting('freehold.installer');
    v_cell constant name := v_prefix || '_cell_00';
    v_database constant name := current_database();
    v_public text[] := array(select p from unnest(array['connect', 'temporary']) as p
                             where has_database_privilege('public', v_database, p));
    v_lacking text;
    v_statements text;
    v_maker name;
    v_role name;
begin
    perform set_config('role', case when v_installer = session_user then 'none' else v_installer end, false);
    perform freehold._cell_function(0);
    perform freehold._cell_function(c.number) from freehold.cell as c;
    perform freehold._installer_function();
    perform freehold._audit_function();
    perform freehold._audit_make(l.home_id) from freehold.audit_log as l;

    -- What PUBLIC has from the database's owner only the owner can take. What is taken here, sql/uninstall.sql gives back; an
    -- installation that did not keep account of it had taken both.
    if (select pg_has_role(v_installer, d.datdba, 'usage') from pg_catalog.pg_database as d where d.datname = v_database) then
        execute format('revoke connect, temporary on database %I from public', v_database);
    end if;
    v_public := array(select p from unnest(v_public) as p where not has_database_privilege('public', v_database, p));
    if exists (select from freehold.cell) then
        v_public := v_public || string_to_array(coalesce(freehold._setting_value('public_revoked'), 'connect, temporary'), ', ');
    end if;
    insert into freehold.setting (name, value, fixed, description)
    values ('public_revoked',
            (select coalesce(string_agg(distinct p, ', ' order by p), 'none') from unnest(v_public) as p where p <> 'none'), true,
            'What the install took from PUBLIC on the database; the uninstall gives it back.')
    on conflict (name) do update set value = excluded.value where setting.value <> excluded.value;
    if not has_database_privilege(v_cell, v_database, 'connect with grant option')
        and has_database_privilege(v_installer, v_database, 'connect with grant option')
    then
        execute format('grant connect on database %I to %I with grant option', v_database, v_cell);
    end if;

    -- For limit_set() and audit_reads(): who may, passes it on; a superuser may. The tenants' roles get the setting, never the right.
    for v_lacking in
        select p.name from unnest(array['temp_file_limit', 'pgaudit.log']) as p (name)
        where exists (select from pg_catalog.pg_settings as s where s.name = p.name)
            and has_parameter_privilege(v_installer, p.name, 'set with grant option')
            and not has_parameter_privilege(v_cell, p.name, 'set with grant option')
    loop
        execute format('grant set on parameter %s to %I with grant option', v_lacking, v_cell);
    end loop;

    if not exists (select from freehold.cell) then
        perform freehold._cell_open();
    end if;
    perform freehold._grant_repair();
    perform freehold._event_record('install', null, null, null, jsonb_build_object('version', v_version, 'before', (
        select e.detail ->> 'version' from freehold.event as e where e.kind = 'install' order by e.id desc limit 1)));

    v_lacking := (select string_agg(quote_ident(m.role_name), ', ' order by m.role_name) from freehold._connect_missing() as m);
    v_statements := concat_ws('; ',
        case when has_database_privilege('public', v_database, 'connect, temporary')
             then format('revoke connect, temporary on database %I from public', v_database) end,
        case when v_lacking is not null then format('grant connect on database %I to %s', v_database, v_lacking) end,
        case when not has_database_privilege(v_cell, v_database, 'connect with grant option')
             then format('grant connect on database %I to %I with grant option', v_database, v_cell) end);
    if has_database_privilege('public', v_database, 'connect, temporary') then
        raise warning 'PUBLIC still has CONNECT or TEMPORARY on database "%"', v_database
            using detail = 'Every login of the cluster may connect, and every tenant create temporary tables.',
                  hint = format('As the database''s owner: %s;', v_statements);
    elsif v_statements <> '' then
        raise warning 'roles of the installation may not connect to database "%"', v_database
            using hint = format('As the database''s owner: %s;', v_statements);
    end if;

    if to_regnamespace('public') is not null and has_schema_privilege('public', 'public', 'create') then
        if (select pg_has_role(v_installer, n.nspowner, 'usage') from pg_catalog.pg_namespace as n where n.nspname = 'public') then
            execute 'revoke create on schema public from public';
        end if;
        if has_schema_privilege('public', 'public', 'create') then
            raise warning 'PUBLIC may still create in schema public'
                using hint = 'As the schema''s owner: revoke create on schema public from public;';
        end if;
    end if;

    v_maker := (select pg_get_userbyid(p.proowner) from pg_catalog.pg_proc as p
                where p.oid = to_regprocedure('freehold._installer_schema(name, name, name)'));
    if not (select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = v_installer) then
        foreach v_role in array array[v_prefix || '_owner', v_cell, v_prefix || '_audit_owner', v_prefix || '_nobody']::name[] loop
            execute format('revoke %I from %I', v_role, v_installer);
            if exists (select from pg_catalog.pg_auth_members as m
                       where m.roleid = v_role::regrole and m.member = v_installer::regrole
                           and (coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)
                                or coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)))
            then
                raise warning 'role "%" is still a member of "%"', v_installer, v_role
                    using hint = 'Another grantor gave it that membership; whoever did can revoke it.';
            end if;
        end loop;
    end if;

    reset client_min_messages;
    if v_maker is null then
        raise notice 'freehold % is installed in database "%", role prefix %', v_version, v_database, v_prefix;
    else
        raise notice 'freehold % is installed in database "%", role prefix %', v_version, v_database, v_prefix
            using detail = format('Role %I makes the tenants'' schemas: it has CREATE on the database and cannot pass it on.', v_maker);
    end if;
    perform set_config('search_path', current_setting('freehold.installer_path'), false);
end
$finish$;
reset plpgsql.extra_errors;
