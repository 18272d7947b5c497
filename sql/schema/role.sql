-- The installation's own roles and its schema. Role names are cluster-wide, so they carry a prefix that is chosen at the
-- first install (PGOPTIONS='-c freehold.role_prefix=crm') and kept as a setting. From the end of this file to grant.sql the
-- session acts as the owner role, so that everything declared in between belongs to it.
-- Before any name is looked up: the installer's own path may lead to anybody's functions.
do $$
begin
    perform pg_catalog.set_config('freehold.installer_path', pg_catalog.current_setting('search_path'), false);
    perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false);
end
$$;
set client_min_messages = warning;

do $install$
declare
    v_version constant integer := current_setting('server_version_num')::integer;
    -- Asked now, before it is a member of roles that may have it.
    v_create constant boolean := has_database_privilege(current_database(), 'create');
    v_cell name;
    v_needed name[];
    v_installed text;
    v_prefix text;
    v_superuser constant boolean := (select rolsuper from pg_catalog.pg_roles where rolname = current_user);
    v_role record;
begin
    if v_version < 150000 then
        raise exception 'freehold needs PostgreSQL 15 or later'
            using errcode = 'FH004', detail = format('This server is %s.', current_setting('server_version')),
                  hint = 'PostgreSQL 16 or later is recommended.';
    end if;
    if v_version < 160000 then
        raise warning 'on PostgreSQL 15 a role with CREATEROLE can make itself the operating system''s user'
            using detail = 'The cells, which create the tenants'' roles, hold CREATEROLE; nothing can log in as one.',
                  hint = 'Move to PostgreSQL 16 or later, where CREATEROLE is confined to the roles it made.';
    end if;
    if not v_superuser and not (select rolcreaterole from pg_catalog.pg_roles where rolname = current_user) then
        raise exception 'role "%" may not create roles', current_user
            using errcode = 'FH303', hint = format('As a superuser: alter role %I createrole;', current_user);
    end if;
    if v_version < 160000 and not v_superuser
        and not (select rolinherit from pg_catalog.pg_roles where rolname = current_user)
    then
        raise exception 'role "%" does not inherit', current_user
            using errcode = 'FH303', detail = 'On PostgreSQL 15 its attribute decides for the memberships of the install.',
                  hint = format('alter role %I inherit;', current_user);
    end if;
    -- Whoever installs again may have no right in the schema yet; whom it belongs to, all can see.
    select regexp_replace(r.rolname, '_owner$', '') into v_installed
    from pg_catalog.pg_namespace as n
    join pg_catalog.pg_roles as r on r.oid = n.nspowner
    where n.nspname = 'freehold'
        and exists (select from pg_catalog.pg_class as c where c.relnamespace = n.oid and c.relname = 'setting');
    v_prefix := coalesce(v_installed, nullif(current_setting('freehold.role_prefix', true), ''), 'freehold');
    v_cell := v_prefix || '_cell_00';
    v_needed := array(select v_prefix || '_' || s
                      from unnest(array['owner', 'cell_00', 'admin', 'tenant', 'gates', 'audit_owner', 'nobody']) as s);
    if v_prefix !~ '^[a-z][a-z0-9_]{0,29}$' or v_prefix like 'pg\_%' then
        raise exception 'role prefix "%" is not usable', v_prefix
            using errcode = 'FH003', detail = 'At most 30 of a-z, 0-9 and _, beginning with a letter, not with pg_.',
                  hint = 'PGOPTIONS=''-c freehold.role_prefix=crm'', or freehold install --role-prefix crm.';
    end if;

    if v_installed is null and exists (
        select
        from pg_catalog.pg_shdepend as s
        join pg_catalog.pg_roles as r on r.oid = s.refobjid and r.rolname = v_prefix || '_owner'
        join pg_catalog.pg_database as d on d.oid = s.dbid and d.datname <> current_database()
        where s.refclassid = 'pg_authid'::regclass)
    then
        raise exception 'role prefix "%" is another database''s', v_prefix
            using errcode = 'FH209', detail = 'Roles are the cluster''s; two installations cannot share them.',
                  hint = 'Choose others: PGOPTIONS=''-c freehold.role_prefix=... -c freehold.schema_prefix=...''.';
    end if;
    -- From 16 on only who holds ADMIN on a role can grant it, so another installer's roles are out of reach.
    if v_version >= 160000 and not v_superuser and exists (
        select
        from pg_catalog.pg_roles as r
        where r.rolname = any (v_needed)
            and not exists (
                select from pg_catalog.pg_auth_members as m
                where m.roleid = r.oid and m.admin_option and m.member = current_user::regrole))
    then
        raise exception 'roles that begin with "%_" belong to another installer', v_prefix
            using errcode = 'FH209', detail = 'Roles are the cluster''s: another database''s installation may use them.',
                  hint = case when v_installed is null
                      then 'Install as the role that installed there, as a superuser, or under another prefix: '
                           'PGOPTIONS=''-c freehold.role_prefix=... -c freehold.schema_prefix=...''.'
                      else 'Install as the role that did so before or as a superuser; or, as one: '
                          || format('grant %s to %I with admin true, inherit false, set false;',
                                    (select string_agg(quote_ident(r.rolname), ', ' order by r.rolname)
                                     from pg_catalog.pg_roles as r where r.rolname = any (v_needed)), current_user) end;
    end if;

    -- A setting of the installer's, or of the database's, would make it a member of each role that it makes.
    if v_version >= 160000 then
        perform set_config('createrole_self_grant', '', true);
    end if;
    for v_role in
        select v_prefix || '_' || r.suffix as name, r.attributes
        from (values ('owner', 'nologin'), ('cell_00', 'nologin createrole'), ('admin', 'nologin'),
                     ('auditor', 'nologin'), ('worker', 'nologin'), ('audit_owner', 'nologin'), ('tenant', 'nologin'),
                     ('gates', 'nologin'), ('resolver', 'nologin'), ('member', 'nologin'), ('break_glass', 'nologin'),
                     ('analyst', 'nologin'), ('nobody', 'nologin'))
             as r (suffix, attributes)
        where not exists (select from pg_catalog.pg_roles where rolname = v_prefix || '_' || r.suffix)
    loop
        execute format('create role %I %s', v_role.name, v_role.attributes);
    end loop;

    -- Membership for the length of the install only; finish.sql takes it back.
    if not v_superuser then
        for v_role in select v_prefix || '_' || s as name from unnest(array['owner', 'cell_00', 'audit_owner', 'nobody']) as s loop
            execute format('grant %I to current_user%s', v_role.name,
                           case when v_version >= 160000 then ' with inherit true, set true' else '' end);
        end loop;
    end if;
    if not v_superuser then
        execute format('grant %I to current_user', v_prefix || '_admin');
    end if;
    if v_installed is not null then
        for v_role in
            execute 'select s.name, s.value, current_setting(''freehold.'' || s.name, true) as wanted
                     from freehold.setting as s where s.name in (''role_prefix'', ''schema_prefix'', ''naming'')'
        loop
            if nullif(v_role.wanted, '') <> v_role.value then
                raise exception 'setting "%" was fixed at the first install', v_role.name
                    using errcode = 'FH202', detail = format('It is %L, not %L.', v_role.value, v_role.wanted),
                          hint = 'To install again, leave it out of PGOPTIONS, or of the options of freehold install.';
            end if;
        end loop;
    end if;
    execute format('grant %I to %I with admin %s', v_prefix || '_tenant', v_cell,
                   case when v_version >= 160000 then 'true, inherit false, set false' else 'option' end);
    -- On 15 CREATEROLE is enough, and a membership that says who may grant would be one that reaches the tenants.
    if v_version >= 160000 then
        execute format('grant %I to %I with admin true, inherit false, set false', v_prefix || '_gates', v_cell);
    end if;

    -- The cells create the tenants' schemas. Where CREATE on the database cannot be passed on to them, the installer does it.
    if not has_database_privilege(v_cell, current_database(), 'create with grant option') then
        if has_database_privilege(current_database(), 'create with grant option') then
            execute format('grant create on database %I to %I with grant option', current_database(), v_cell);
        elsif not v_create then
            raise exception 'role "%" may not create schemas in database "%"', current_user, current_database()
                using errcode = 'FH303',
                      hint = format('As its owner: grant create on database %I to %I;', current_database(), current_user);
        end if;
    end if;
    if to_regnamespace('freehold') is null then
        execute format('create schema freehold authorization %I', v_prefix || '_owner');
    end if;
    if to_regnamespace('freehold_audit') is null then
        execute format('create schema freehold_audit authorization %I', v_prefix || '_audit_owner');
    end if;
    if to_regnamespace('freehold_runner') is null then
        execute format('create schema freehold_runner authorization %I', v_prefix || '_owner');
    end if;
    perform set_config('freehold.role_prefix', v_prefix, false);
    perform set_config('freehold.installer', current_user, false);
    perform set_config('role', v_prefix || '_owner', false);
end
$install$;

-- What the owner role makes is nobody's to execute until grant.sql says so. Only the global form has this effect.
alter default privileges revoke execute on functions from public;
comment on schema freehold_runner is 'Functions by which freehold runs migrations as the tenants'' owners. Nobody else may use it.';
comment on schema freehold is 'freehold: schema-per-tenant PostgreSQL. Tenants, templates, operations and the functions over them.';

set plpgsql.extra_errors = 'all';
