-- security definer: the tables are the owner's. Touches: api_key (one row, locked), api_key_secret (rows of it are deleted), event (one
-- row).
create or replace function freehold.api_key_revoke(id bigint, reason text) returns void
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    v_key freehold.api_key;
begin
    if (reason ~ '\S' and octet_length(reason) <= 2000) is not true then
        raise exception 'say why the key is revoked' using errcode = 'FH003', detail = 'A reason has 1 to 2000 bytes.';
    end if;
    v_key := freehold._api_key_lock(id);
    delete from freehold.api_key_secret as s where s.key_id = v_key.id;
    update freehold.api_key as k
    set revoked_at = freehold._now(), revoked_by = freehold.actor_current(), reason = api_key_revoke.reason
    where k.id = v_key.id
    returning * into v_key;
    perform freehold._api_key_record('revoked', v_key, reason);
end
$$;

comment on function freehold.api_key_revoke(bigint, text) is
    'Makes a key worthless, for good. A service that keeps answers about keys refuses it some seconds later at the latest. Raises FH003 '
    'without a reason, FH181 for an unknown id, FH282 for a key that is revoked or expired already.';
