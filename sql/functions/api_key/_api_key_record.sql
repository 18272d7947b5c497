-- The event of a change to a key, and the word to services that keep what they know of keys.
create or replace function freehold._api_key_record(
    what text, key freehold.api_key, reason text default null, detail jsonb default '{}'
) returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._event_record('api_key.' || what, null, null, reason, detail || jsonb_build_object(
        'api_key', key.id, 'name', key.name, 'roles', key.roles, 'expires_at', key.expires_at,
        'tenants', case when key.bound then array(select t.tenant_id from freehold.api_key_tenant as t
                                                  where t.key_id = key.id order by 1) end));
    perform pg_notify('freehold_api_key', '');
end
$$;
