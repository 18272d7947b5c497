-- The event of a fleet query. Touches: event (one row).
create or replace function freehold._fleet_begin(query text, slugs text[], reason text, run bigint default null) returns void
    language sql volatile security invoker
begin atomic
    select freehold._event_record('fleet_query', null, null, reason, jsonb_build_object(
        'query', left(query, 2000), 'digest', encode(sha256(convert_to(query, 'UTF8')), 'hex'), 'tenants', cardinality(slugs),
        'run', run));
end;
