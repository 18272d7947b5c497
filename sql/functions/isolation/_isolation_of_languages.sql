-- GRANT refuses a language that is not trusted; what only its maker may call trusted gives anybody the operating system.
create or replace function freehold._isolation_of_languages()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'breach', g.slug, g.role_name, 'language', l.lanname, g.privilege, freehold._isolation_way(g.grantee, g.via),
           format('update pg_catalog.pg_language set lanpltrusted = false where lanname = %L;', l.lanname)
    from pg_language as l
    cross join lateral freehold._isolation_grant(case when l.lanpltrusted then array['pg_language'::regclass] end) as g
    where l.lanpltrusted and l.lanname ~ '^(internal|c)$|u$' and g.id = l.oid
$$;
