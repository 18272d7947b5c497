create or replace function freehold._api_key_state(key freehold.api_key) returns text
    language sql stable security invoker
    return case when key.revoked_at is not null then 'revoked' when key.expires_at <= freehold._now() then 'expired' else 'active' end;
