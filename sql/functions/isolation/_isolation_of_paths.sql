-- Every definer function of the control plane looks names up in pg_catalog only: else who calls it puts another in their place.
create or replace function freehold._isolation_of_paths()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'breach', null, p.proowner::regrole::text, 'function', p.oid::regprocedure::text, 'execute',
           'definer function without its search_path',
           format('alter routine %s set search_path = pg_catalog, pg_temp;', p.oid::regprocedure)
    from pg_proc as p
    where p.pronamespace = 'freehold'::regnamespace and p.prosecdef
        and not coalesce('search_path=pg_catalog, pg_temp' = any (p.proconfig), false)
$$;
