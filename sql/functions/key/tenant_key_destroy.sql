-- security definer: the table is the owner's. Touches: tenant (row lock), tenant_key (one row), event (one row).
create or replace function freehold.tenant_key_destroy(slug text, version integer, reason text) returns freehold.tenant_key
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant constant freehold.tenant := freehold._tenant_lock(slug);
    v_now constant timestamptz := freehold._now();
    v_key freehold.tenant_key;
begin
    if coalesce(btrim(reason), '') = '' then
        raise exception 'a key is destroyed for a reason' using errcode = 'FH003';
    end if;
    perform freehold._hold_check(v_tenant);
    update freehold.tenant_key as k
    set wrapped_key = null, destroyed_at = v_now, retired_at = coalesce(k.retired_at, v_now)
    where k.tenant_id = v_tenant.id and k.version = tenant_key_destroy.version and k.destroyed_at is null
    returning * into v_key;
    if not found then
        raise exception 'tenant "%" has no key version % to destroy', slug, coalesce(version::text, 'null')
            using errcode = 'FH131', hint = format('select * from freehold.tenant_key_list(%L); shows them.', slug);
    end if;
    perform freehold._tenant_key_event('destroyed', v_key, reason);
    return v_key;
end
$$;

comment on function freehold.tenant_key_destroy(text, integer, text) is
    'Forgets a version of a tenant''s key: what it encrypted is unreadable from then on. A dump of this database that is older still holds '
    'the wrapped key, so the key-encryption key has to go as well: freehold key destroy has the provider do that. Raises FH003 without '
    'a reason, FH101, FH131 where there is no such version, FH221 under legal hold.';
