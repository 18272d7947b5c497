-- Code that runs as whoever logs in or changes a schema: a superuser's is his affair, another's is that one's way to all.
create or replace function freehold._isolation_of_event_triggers()
    returns table (verdict text, tenant_slug text, role_name text, object_kind text, object text, privilege text, reached_by text,
                   remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select case when r.rolsuper and h.ns is null then 'note' else 'breach' end, case h.kind when 'tenant' then h.name end, r.rolname,
           'event trigger', quote_ident(e.evtname), e.evtevent, format('function %s', e.evtfoid::regprocedure),
           format('alter event trigger %I disable;', e.evtname)
    from pg_event_trigger as e
    join pg_proc as p on p.oid = e.evtfoid
    join pg_roles as r on r.oid = p.proowner
    left join freehold._fleet_home() as h on h.ns = p.pronamespace
    where e.evtenabled <> 'D' and not (r.rolsuper and p.pronamespace = coalesce(to_regnamespace('freehold_harden'), 0))
$$;
