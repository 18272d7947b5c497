-- Back to the installing role: what only it can do, and then giving up what it took for the install.
do $finish$
declare
    v_prefix constant text := freehold._setting_value('role_prefix');
    v_installer constant name := current_setting('freehold.installer');
    v_role name;
begin
    perform set_config('role', case when v_installer = session_user then 'none' else v_installer end, false);
    perform freehold._cell_function(0);
    execute format('revoke connect, temporary on database %I from public', current_database());
    execute format('grant connect on database %I to %I, %I, %I, %I', current_database(),
                   v_prefix || '_tenant', v_prefix || '_admin', v_prefix || '_auditor', v_prefix || '_worker');
    execute format('grant connect on database %I to %I with grant option', current_database(), v_prefix || '_cell_00');
    if has_database_privilege('public', current_database(), 'connect, temporary')
        or not has_database_privilege(v_prefix || '_tenant', current_database(), 'connect')
    then
        raise warning 'PUBLIC still has CONNECT or TEMPORARY on database "%"', current_database()
            using hint = format('As the database''s owner: revoke connect, temporary on database %I from public; '
                                'grant connect on database %I to %I.', current_database(), current_database(), v_prefix || '_tenant');
    end if;
    if not exists (select from freehold.cell) then
        perform freehold._cell_open();
    end if;

    if to_regnamespace('public') is not null and has_schema_privilege('public', 'public', 'create') then
        execute 'revoke create on schema public from public';
        if has_schema_privilege('public', 'public', 'create') then
            raise warning 'PUBLIC may still create in schema public'
                using hint = 'As the schema''s owner: revoke create on schema public from public.';
        end if;
    end if;

    if not (select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = v_installer) then
        foreach v_role in array array[v_prefix || '_owner', v_prefix || '_cell_00']::name[] loop
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
    perform set_config('search_path', current_setting('freehold.installer_path'), false);
end
$finish$;
reset plpgsql.extra_errors;
reset client_min_messages;
