-- The key of a public half, locked. Touches: tenant_key (one row).
create or replace function freehold._tenant_key_find(recipient text) returns freehold.tenant_key
    language plpgsql security invoker
    set search_path = pg_catalog, pg_temp
    set lock_timeout = '5s'
as $$
declare
    v_key freehold.tenant_key;
begin
    select * into v_key from freehold.tenant_key as k where k.recipient = _tenant_key_find.recipient for update;
    if not found then
        raise exception 'no key has the recipient %', coalesce(quote_literal(recipient), 'null')
            using errcode = 'FH131', detail = 'It was another database''s, or its tenant is erased and the key with it.';
    end if;
    if v_key.destroyed_at is not null then
        raise exception 'key version % of tenant "%" is destroyed', v_key.version,
            (select t.slug from freehold.tenant as t where t.id = v_key.tenant_id)
            using errcode = 'FH231', detail = format('Since %s. What it encrypted cannot be read.', v_key.destroyed_at::date);
    end if;
    return v_key;
exception
    when lock_not_available then
        raise exception 'the key is busy' using errcode = 'FH401', hint = 'Try again when the other operation has ended.';
end
$$;
