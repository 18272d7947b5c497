-- Tells somebody outside, in the transaction of what happened. Touches: outbox (one row).
create or replace function freehold._outbox_add(topic text, tenant_id uuid, payload jsonb) returns void
    language sql volatile security invoker
    set search_path = pg_catalog, pg_temp
begin atomic
    insert into freehold.outbox (at, topic, tenant_id, payload) values (freehold._now(), topic, tenant_id, jsonb_strip_nulls(payload));
end;
