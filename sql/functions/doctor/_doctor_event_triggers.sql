-- sql/harden.sql makes one, in a schema that only a superuser can have given it.
create or replace function freehold._doctor_event_triggers()
    returns table (severity text, object text, finding text, reason text, remedy text)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select 'warning', format('event trigger %I', e.evtname), format('runs %s at %s', e.evtfoid::regprocedure, e.evtevent),
           'It runs as whoever changes a schema: as a tenant''s owner, a cell, or the superuser.',
           format('alter event trigger %I disable;', e.evtname)
    from pg_event_trigger as e
    join pg_proc as p on p.oid = e.evtfoid
    join pg_roles as r on r.oid = p.proowner
    where e.evtenabled <> 'D'
        and not (r.rolsuper and p.pronamespace = coalesce(to_regnamespace('freehold_harden'), 0))
$$;
