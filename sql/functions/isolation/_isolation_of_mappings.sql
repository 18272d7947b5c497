-- A user mapping for PUBLIC, or another's for a tenant's role, logs in elsewhere with a password that the tenant need not know.
create or replace function freehold._isolation_of_mappings()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'breach', r.slug, r.role_name, 'user mapping', format('%s on server %I', r.role_name, m.srvname), 'usage', 'user mapping',
           format('drop user mapping for %s server %I;', case m.umuser when 0 then 'public' else quote_ident(r.role_name) end, m.srvname)
    from pg_user_mappings as m
    join freehold._isolation_subject() as r on r.id = m.umuser
    where r.kind not in ('gate', 'login')
$$;
