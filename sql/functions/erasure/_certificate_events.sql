-- Where the control plane's audit stands, as the certificate is chained to it: the last event, and the last seals of the events and of
-- the tenant's own log. The certificate's digest becomes the next event.
create or replace function freehold._certificate_events(tenant_id uuid) returns jsonb
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'last_event', (select e.event_id from freehold.event as e order by e.id desc limit 1),
        'seals', coalesce((
            select jsonb_agg(jsonb_build_object('chain', s.chain, 'number', s.number, 'hash', encode(s.hash, 'hex')) order by s.chain)
            from unnest(array[uuid '00000000-0000-0000-0000-000000000000', tenant_id]) as c (chain)
            cross join lateral (
                select l.chain, l.number, l.hash from freehold.seal as l where l.chain = c.chain order by l.number desc limit 1) as s),
            '[]'))
$$;
