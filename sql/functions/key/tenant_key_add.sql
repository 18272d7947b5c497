-- security definer: the table is the owner's. Touches: tenant (row lock), tenant_key (one new row, one retired), eraser, event.
create or replace function freehold.tenant_key_add(slug text, recipient text, wrapped_key bytea, provider text, kek_id text)
    returns freehold.tenant_key
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '10s'
as $$
declare
    v_tenant constant freehold.tenant := freehold._tenant_lock(slug);
    v_now constant timestamptz := freehold._now();
    v_key freehold.tenant_key;
begin
    if v_tenant.state not in ('active', 'suspended', 'retired') then
        raise exception 'tenant "%" is %', slug, v_tenant.state
            using errcode = 'FH202', detail = 'Only a tenant that is whole can be given a key.';
    end if;
    if not exists (select from freehold.tenant_key) then
        insert into freehold.eraser (name, description, registered_at, registered_by)
        values ('tenant-keys', 'Key-encryption keys of tenants, with whoever provides them', v_now, freehold.actor_current())
        on conflict do nothing;
    end if;
    update freehold.tenant_key as k set retired_at = v_now where k.tenant_id = v_tenant.id and k.retired_at is null;
    insert into freehold.tenant_key (tenant_id, version, recipient, wrapped_key, provider, kek_id, created_at, created_by)
    select v_tenant.id, coalesce(max(k.version), 0) + 1, tenant_key_add.recipient, tenant_key_add.wrapped_key, tenant_key_add.provider,
           tenant_key_add.kek_id, v_now, freehold.actor_current()
    from freehold.tenant_key as k
    where k.tenant_id = v_tenant.id
    returning * into v_key;
    perform freehold._tenant_key_event('added', v_key);
    return v_key;
exception
    when check_violation or not_null_violation or unique_violation then
        raise exception 'not a key: %', sqlerrm
            using errcode = 'FH003', detail = 'recipient is an age recipient that is new, wrapped_key 16 to 65536 bytes.';
end
$$;

comment on function freehold.tenant_key_add(text, text, bytea, text, text) is
    'Gives a tenant a new version of its key: the public half, and the private one as its provider wrapped it. The version before is '
    'retired: it encrypts no more and still decrypts. The first key of an installation registers the eraser tenant-keys. The command '
    'line makes the pair. Raises FH003 for what is no key, FH101 for an unknown slug, FH202 for a tenant that is not whole.';
