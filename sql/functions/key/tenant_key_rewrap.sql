-- security definer: the table is the owner's. Touches: tenant_key (one row), event (one row).
create or replace function freehold.tenant_key_rewrap(recipient text, wrapped_key bytea, provider text, kek_id text, old_kek_id text)
    returns freehold.tenant_key
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_key freehold.tenant_key := freehold._tenant_key_find(recipient);
begin
    if v_key.kek_id is distinct from old_kek_id then
        raise exception 'key version % is wrapped by another key already', v_key.version
            using errcode = 'FH231', detail = format('By %s, not by %s.', v_key.kek_id, coalesce(old_kek_id, 'null'));
    end if;
    update freehold.tenant_key as k
    set wrapped_key = tenant_key_rewrap.wrapped_key, provider = tenant_key_rewrap.provider, kek_id = tenant_key_rewrap.kek_id,
        rewrapped_at = freehold._now()
    where k.tenant_id = v_key.tenant_id and k.version = v_key.version
    returning * into v_key;
    perform freehold._tenant_key_event('rewrapped', v_key);
    return v_key;
exception
    when check_violation or not_null_violation then
        raise exception 'not a key: %', sqlerrm using errcode = 'FH003';
end
$$;

comment on function freehold.tenant_key_rewrap(text, bytea, text, text, text) is
    'Puts the same key as another key-encryption key wraps it in the place of what was there, where that was wrapped by old_kek_id. '
    'Raises FH003, FH131 where there is no such key, FH231 where it is destroyed or was wrapped anew meanwhile, FH401 when busy.';
