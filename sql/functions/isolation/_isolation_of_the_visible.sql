-- What PostgreSQL lets PUBLIC do and freehold harden takes, by the groups that it knows.
create or replace function freehold._isolation_of_the_visible()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    with kept as (
        select case when p.proname ~ '^pg_(try_)?advisory_(xact_)?lock' then 'advisory'
                    when p.proname ~ '^lo_|^lo(read|write)$|^be_lo_' then 'large_objects'
                    when p.proname = 'set_config' then 'set_config'
                    when p.proname = 'pg_notify' then 'notify'
                    else 'query_text' end as what, 'execute' as privilege
        from pg_proc as p
        where p.pronamespace = 'pg_catalog'::regnamespace
            and (p.proname ~ '^pg_(try_)?advisory_(xact_)?lock|^lo_|^lo(read|write)$|^be_lo_|^(query|table|schema|database|cursor)_to_xml'
                 or p.proname in ('set_config', 'pg_notify', 'ts_stat') or p.proname = 'ts_rewrite' and p.pronargs = 2)
            and has_function_privilege('public', p.oid, 'execute')
        union all
        select 'languages', 'usage' from pg_language as l where l.lanpltrusted and has_language_privilege('public', l.oid, 'usage')
    )
    select 'visible', null, 'public', 'group', k.what, k.privilege, 'PUBLIC', 'freehold harden'
    from kept as k
    group by k.what, k.privilege
$$;
