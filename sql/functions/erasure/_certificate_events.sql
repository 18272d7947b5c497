-- Where the control plane's audit stands, as the certificate is chained to it.
create or replace function freehold._certificate_events() returns jsonb
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object('last_event', (select e.event_id from freehold.event as e order by e.id desc limit 1))
$$;
