-- Writes an event of the control plane, in the transaction of what it tells. Touches: event (one row).
create or replace function freehold._event_record(
    kind text, tenant_id uuid, slug text, reason text default null, detail jsonb default '{}'
) returns void
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
begin atomic
    insert into freehold.event (at, kind, tenant_id, slug, actor, reason, detail)
    values (freehold._now(), kind, tenant_id, slug, freehold.actor_current(), freehold._reason_checked(reason), jsonb_strip_nulls(detail));
end;
