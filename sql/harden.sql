-- Takes from PUBLIC what only a superuser can: psql -X -1 -v ON_ERROR_STOP=1 -f sql/harden.sql
-- PGOPTIONS='-c freehold.harden_keep=app,etl'         roles that keep it all
-- PGOPTIONS='-c freehold.harden_leave=advisory,notify' what stays PUBLIC's: a group of the list below
-- PGOPTIONS='-c freehold.harden_dry_run=on'            says what it would do
-- It goes to one role, <prefix>_trusted: its members are the installation's own roles and the owners of tenants' schemas, not
-- the runtime roles. Run it again at any time; sql/unharden.sql gives everything back as it was.
-- A superuser runs this, and schema freehold belongs to a role that is none: so it asks the catalogs alone, calls nothing of
-- freehold's, and keeps its account in a schema of its own.
do $harden$
declare
    v_options constant text := case when pg_catalog.current_setting('server_version_num')::integer operator(pg_catalog.>=) 160000
                                    then ' with inherit true, set false' else '' end;
    v_dry_run boolean;
    v_keep name[];
    v_leave text[];
    v_prefix text;
    v_trusted name;
    v_owner record;
    v_item record;
    v_name text;
    v_group text;
    v_taken bigint;
    v_left text;
begin
    perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    v_dry_run := coalesce(nullif(current_setting('freehold.harden_dry_run', true), ''), 'off')::boolean;
    v_keep := array_remove(regexp_split_to_array(coalesce(current_setting('freehold.harden_keep', true), ''), '\s*,\s*'), '');
    v_leave := array_remove(regexp_split_to_array(coalesce(current_setting('freehold.harden_leave', true), ''), '\s*,\s*'), '');
    v_prefix := (select substring(pg_get_userbyid(n.nspowner)::text from '^(.*)owner$')
                 from pg_namespace as n where n.nspname = 'freehold');
    if v_prefix is null then
        raise exception 'freehold is not installed in database "%"', current_database() using errcode = 'FH106';
    end if;
    v_trusted := v_prefix || 'trusted';
    if not v_dry_run and not (select r.rolsuper from pg_roles as r where r.rolname = current_user) then
        raise exception 'role "%" is no superuser', current_user
            using errcode = 'FH303',
                  detail = 'What belongs to PostgreSQL itself only a superuser can take from PUBLIC. Nothing was changed.',
                  hint = 'freehold harden --dry-run shows what stays open.';
    end if;
    foreach v_name in array v_leave loop
        if v_name <> all (array['languages', 'advisory', 'large_objects', 'query_text', 'set_config', 'notify']) then
            raise exception 'there is nothing called "%" to leave', v_name
                using errcode = 'FH003', hint = 'It is one of languages, advisory, large_objects, query_text, set_config, notify.';
        end if;
    end loop;
    foreach v_name in array v_keep loop
        if to_regrole(quote_ident(v_name)) is null then
            raise exception 'role "%" does not exist', v_name using errcode = 'FH003';
        end if;
    end loop;

    if not v_dry_run then
        if to_regnamespace('freehold_harden') is null then
            create schema freehold_harden;
            comment on schema freehold_harden is 'What freehold harden took from PUBLIC, for sql/unharden.sql. A superuser''s.';
            create table freehold_harden.privilege (
                kind text not null,
                object text not null,
                acl text,
                taken_at timestamptz not null default clock_timestamp(),
                primary key (kind, object)
            );
            comment on table freehold_harden.privilege is 'The access list of each object as it was before, null where it had none.';
        end if;
        select n.nspowner::regrole as role into v_owner
        from pg_namespace as n
        join pg_roles as r on r.oid = n.nspowner
        where n.nspname = 'freehold_harden' and not r.rolsuper;
        if found then
            raise exception 'schema freehold_harden belongs to %', v_owner.role
                using errcode = 'FH209', detail = 'Only a superuser may have made it: what stands in it is run as one.';
        end if;
        if to_regrole(quote_ident(v_trusted)) is null then
            execute format('create role %I nologin', v_trusted);
        end if;
        insert into freehold_harden.privilege (kind, object) values ('role', v_trusted) on conflict do nothing;
    end if;

    -- Before 16 a gate, which does not inherit, passes nothing on: there its logins are members themselves.
    for v_item in
        with ours as (
            select r.oid, r.rolname, r.rolinherit
            from pg_roles as r
            where r.rolname = any (array[v_prefix || 'owner', v_prefix || 'admin', v_prefix || 'auditor', v_prefix || 'worker',
                                         v_prefix || 'audit_owner'] || v_keep)
                or r.rolname ~ format('^%s(cell|gate)_\d+$', v_prefix)
        )
        select r.rolname
        from pg_roles as r
        where not r.rolsuper and not pg_has_role(r.oid, coalesce(to_regrole(quote_ident(v_trusted)), 10), 'usage')
            and (r.oid in (select o.oid from ours as o where o.rolinherit or v_options <> '')
                 or r.oid in (select m.member from pg_auth_members as m join ours as o on o.oid = m.roleid and not o.rolinherit
                              where v_options = '')
                 or r.oid = (select d.datdba from pg_database as d where d.datname = current_database())
                 or r.oid in (select n.nspowner from pg_namespace as n
                              join pg_auth_members as m on m.member = n.nspowner
                              where m.roleid = to_regrole(quote_ident(v_prefix || 'tenant'))))
        order by r.rolname
    loop
        if not v_dry_run then
            execute format('grant %I to %I%s', v_trusted, v_item.rolname, v_options);
        end if;
    end loop;

    foreach v_group in array array['languages', 'advisory', 'large_objects', 'query_text', 'set_config', 'notify'] loop
        if v_group = any (v_leave) then
            raise notice '%: left to PUBLIC', v_group;
            continue;
        end if;
        v_taken := 0;
        v_left := null;
        for v_item in
            select 'function' as kind, p.oid::regprocedure::text as object, p.oid, 'execute' as privilege, p.proacl as acl
            from pg_proc as p
            where p.pronamespace = 'pg_catalog'::regnamespace
                and case v_group
                    -- Unlocking harms nobody, and pools do it after every transaction.
                    when 'advisory' then p.proname ~ '^pg_(try_)?advisory_(xact_)?lock'
                    when 'large_objects' then p.proname ~ '^lo_|^lo(read|write)$|^be_lo_'
                    -- What runs a text as SQL.
                    when 'query_text' then p.proname ~ '^(query|table|schema|database|cursor)_to_xml'
                        or p.proname = 'ts_stat' or p.proname = 'ts_rewrite' and p.pronargs = 2
                    when 'set_config' then p.proname = 'set_config'
                    when 'notify' then p.proname = 'pg_notify'
                    else false end
                and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a where a.grantee = 0)
            union all
            select 'language', quote_ident(l.lanname), l.oid, 'usage', l.lanacl
            from pg_language as l
            where v_group = 'languages' and l.lanpltrusted
                and exists (select from aclexplode(coalesce(l.lanacl, acldefault('l', l.lanowner))) as a where a.grantee = 0)
            order by 2
        loop
            v_taken := v_taken + 1;
            continue when v_dry_run;
            insert into freehold_harden.privilege (kind, object, acl) values (v_item.kind, v_item.object, v_item.acl)
            on conflict (kind, object) do nothing;
            execute format('grant %s on %s %s to %I; revoke %1$s on %2$s %3$s from public',
                           v_item.privilege, v_item.kind, v_item.object, v_trusted);
            if (case v_item.kind when 'function' then has_function_privilege('public', v_item.oid, 'execute')
                                 else has_language_privilege('public', v_item.oid, 'usage') end)
            then
                v_left := concat_ws(', ', v_left, v_item.object);
            end if;
        end loop;
        raise notice '%: % % PUBLIC', v_group, v_taken, case when v_dry_run then 'would be taken from' else 'taken from' end;
        if v_left is not null then
            raise warning '%: PUBLIC still has %', v_group, v_left using hint = 'Another grantor gave it; whoever did can revoke it.';
        end if;
    end loop;
    if v_dry_run or 'languages' = any (v_leave) then
        return;
    end if;

    -- A tenant that is made from now on: its owner, and a cell or gate that was opened for it, become members as the schema is
    -- made, before its functions are.
    execute format($event$
        create or replace function freehold_harden.schema_made() returns event_trigger
            language plpgsql security definer
            set search_path = pg_catalog, pg_temp
        as $body$
        -- security definer: only a superuser grants this role. Touches: pg_auth_members.
        declare
            v_role name;
        begin
            for v_role in
                select r.rolname
                from pg_roles as r
                where not r.rolsuper and not pg_has_role(r.oid, %1$L, 'usage')
                    and (r.rolname ~ %2$L
                         or r.oid in (select n.nspowner
                                      from pg_event_trigger_ddl_commands() as c
                                      join pg_namespace as n on c.classid = 'pg_namespace'::regclass and n.oid = c.objid))
            loop
                execute format('grant %%I to %%I%3$s', %1$L, v_role);
            end loop;
        end
        $body$ $event$, v_trusted, format('^%s%s_\d+$', v_prefix, case v_options when '' then 'cell' else '(cell|gate)' end), v_options);
    revoke all on function freehold_harden.schema_made() from public;
    if not exists (select from pg_event_trigger as e where e.evtname = 'freehold_harden') then
        create event trigger freehold_harden on ddl_command_end when tag in ('CREATE SCHEMA')
            execute function freehold_harden.schema_made();
    end if;
end
$harden$;
