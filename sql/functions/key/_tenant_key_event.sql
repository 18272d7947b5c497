-- The event of a key. It tells no key, not even the wrapped one. Touches: event (one row), tenant (read).
create or replace function freehold._tenant_key_event(what text, key freehold.tenant_key, reason text default null) returns void
    language sql volatile security invoker
begin atomic
    select freehold._event_record('tenant_key.' || what, key.tenant_id, t.slug, reason, jsonb_build_object(
        'version', key.version, 'recipient', key.recipient, 'provider', key.provider, 'kek', key.kek_id))
    from freehold.tenant as t
    where t.id = key.tenant_id;
end;
