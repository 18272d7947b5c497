-- The event of a change to a tenant's members, and the word to pools that keep who is one.
create or replace function freehold._member_record(kind text, tenant_id uuid, slug text, detail jsonb, reason text default null)
    returns void
    language plpgsql volatile security invoker
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform freehold._event_record(kind, tenant_id, slug, reason, detail);
    perform pg_notify('freehold_tenant', '');
end
$$;
